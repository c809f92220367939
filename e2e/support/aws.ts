import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { stack } from "./stack.ts";

const run = promisify(execFile);

/** Everything in the sandbox's accounts, in a stable order and without random ids, to compare before and after. */
export async function awsState(): Promise<unknown> {
  const response = await fetch(new URL("/_sandbox/state", stack().sandboxUrl));
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}`);
  return withoutMessages(await response.json());
}

/** Sending is what a writer's check does: what it sent stays in the queue, as it would in AWS. */
function withoutMessages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMessages);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "messages" ? [] : withoutMessages(inner)]),
  );
}

/** Replaces a stored document behind the portal's back, as somebody with a console would. */
export async function tamper(change: Record<string, unknown>): Promise<void> {
  const response = await fetch(new URL("/_sandbox/mutate", stack().sandboxUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}: ${await response.text()}`);
}

/** `npm run tamper` on an access. */
export async function tamperWith(grant: string, how: string): Promise<void> {
  const { sandboxUrl } = stack();
  const main = resolve(import.meta.dirname, "../../lib/sandbox/tamper/main.ts");
  await run(process.execPath, [main, "--grant", grant, "--how", how, "--sandbox", sandboxUrl]);
}

export interface PlayedPod {
  /** Everything was as it must be, and the report was taken. */
  ok: boolean;
  output: string;
}

/** `npm run pod` on a manifest's address: the workload, then three impostors. */
export async function playPod(manifestUrl: string): Promise<PlayedPod> {
  const { sandboxUrl, env } = stack();
  const main = resolve(import.meta.dirname, "../../lib/sandbox/pod/main.ts");
  try {
    const { stdout } = await run(process.execPath, [main, "--url", manifestUrl, "--sandbox", sandboxUrl], {
      env: { ...env.web, PATH: process.env.PATH ?? "", NODE_ENV: "production" },
    });
    return { ok: true, output: stdout };
  } catch (error) {
    const output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    const problem = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    return { ok: false, output: `${output}\n${problem}` };
  }
}

export interface RoleInAws {
  accountId: string;
  /** With its path, as ARNs have it. */
  arn: string;
  name: string;
  trust: TrustDocument;
}

export interface TrustDocument {
  Version: string;
  Statement: { Condition?: Record<string, Record<string, unknown>> }[];
}

/** Roles of ours whose name has the text, in whichever account they are. */
export async function rolesNamed(text: string): Promise<RoleInAws[]> {
  const accounts = (await awsState()) as Record<string, { roles: Record<string, { trust: TrustDocument }> }>;
  return Object.entries(accounts).flatMap(([accountId, { roles }]) =>
    Object.entries(roles)
      .filter(([arn]) => arn.includes(":role/drawbridge/") && arn.includes(text))
      .map(([arn, { trust }]) => ({ accountId, arn, name: arn.split("/").at(-1) ?? "", trust })),
  );
}

/** What AWS was asked for since a number, as the sandbox counts its calls. */
export async function callsSince(sequence: number): Promise<{ sequence: number; operation: string }[]> {
  const response = await fetch(new URL(`/_sandbox/calls?since=${sequence}`, stack().sandboxUrl));
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}`);
  return response.json();
}
