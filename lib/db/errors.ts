/** Prisma's codes, see "Error message reference": P2002 a unique key, P2034 a deadlock or write conflict. */
function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A row with the same unique key was there first. */
export function isUniqueViolation(error: unknown): boolean {
  return hasCode(error, "P2002");
}

/** Postgres ended the transaction in favour of another. */
export function isWriteConflict(error: unknown): boolean {
  return hasCode(error, "P2034");
}
