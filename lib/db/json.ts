import type { Prisma } from "./types.ts";

/** Any value as a JSON column takes it. */
export function json(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value));
}
