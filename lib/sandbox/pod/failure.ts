import { readFile } from "node:fs/promises";

/** Errors that say no. Everything else (no connection, no such bucket) proves nothing about access. */
const refusals = /AccessDenied|Forbidden|not authorized|InvalidIdentityToken|ExpiredToken/i;

export async function failure(error: unknown): Promise<{ outcome: "denied" | "error"; detail: string }> {
  const name = error instanceof Error ? error.name : "Error";
  const message = error instanceof Error ? error.message : String(error);
  // The chain says only that it found no credentials; the agent knows why.
  const refusal = name === "CredentialsProviderError" ? await agentRefusal() : null;
  const detail = (refusal ?? `${name}: ${message}`).slice(0, 1_000);
  return { outcome: refusal !== null || refusals.test(detail) ? "denied" : "error", detail };
}

/** What the Pod Identity agent answers to this pod, when that is a refusal. */
async function agentRefusal(): Promise<string | null> {
  const url = process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  const file = process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (url === undefined || file === undefined) return null;
  try {
    const authorization = await readFile(file, "utf8");
    const response = await fetch(url, { headers: { authorization } });
    return response.status >= 400 && response.status < 500
      ? `The Pod Identity agent refused: ${await response.text()}`
      : null;
  } catch {
    return null;
  }
}
