/** Next calls this once when the server starts, before the first request: a bad environment ends it here. */
export async function register(): Promise<void> {
  // Next puts the constant in while it builds, which keeps the import out of the edge runtime's bundle.
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { envOrExit, webEnv } = await import("#lib/env.ts");
  envOrExit(() => webEnv());
}
