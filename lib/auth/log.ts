/**
 * What next-auth tells about a sign-in that failed, as one line of JSON. Its own logger prints all that it knows,
 * among it the state it expected, the claims of a token it refused and a provider's whole answer.
 */
export const authLogger = {
  error(error: Error): void {
    write(50, "A sign-in or sign-out failed", { err: describeProblem(error) });
  },
  warn(code: string): void {
    write(40, "next-auth warns", { code });
  },
  debug(): void {},
};

/** Levels and names are those of the worker's lines. */
function write(level: number, msg: string, fields: object): void {
  console.error(JSON.stringify({ level, time: Date.now(), ...fields, msg }));
}

/** Names and words; `error` and `error_description` are the provider's. Nothing else that an error carries. */
const told = ["type", "code", "status", "error", "error_description", "message"] as const;

const deepest = 5;
const longest = 500;

export function describeProblem(problem: unknown, depth = 0): Record<string, unknown> {
  if (typeof problem !== "object" || problem === null) return {};
  const given = problem as Record<string, unknown>;
  const description: Record<string, unknown> = {};
  for (const key of told) {
    const value = given[key];
    if (typeof value === "string") description[key] = value.slice(0, longest);
    if (typeof value === "number") description[key] = value;
  }
  // next-auth wraps what it caught, among what it knew.
  const inner = (given.cause as { err?: unknown } | undefined)?.err ?? given.cause;
  const cause = depth < deepest ? describeProblem(inner, depth + 1) : {};
  return Object.keys(cause).length > 0 ? { ...description, cause } : description;
}
