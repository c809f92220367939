/** What the driver says, without a code, of a connection that broke, was not made in time, or is closed. */
const brokenConnection =
  /^(Connection terminated|Client (has encountered a connection error|was closed)|timeout (expired|exceeded when trying to connect)|Query read timeout)/;

/** SQLSTATE, five characters, or the name of a network error: `ECONNRESET`, `EAI_AGAIN`. Node's own begin with `ERR_`. */
const code = /^([0-9A-Z]{5}|E(?!RR_)[A-Z_]+)$/;

/**
 * Whether the database, or the way to it, is what failed: that says nothing about the work, which may be tried again.
 *
 * @param error as Prisma, its adapter or the driver threw it
 */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Of Prisma's own errors this is the one that a mistake in the program makes.
  if (error.name === "PrismaClientValidationError") return false;
  return (
    error.name.startsWith("Prisma") ||
    error.name === "DriverAdapterError" ||
    ("code" in error && code.test(String(error.code))) ||
    brokenConnection.test(error.message)
  );
}
