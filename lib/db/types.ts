import type { Prisma, PrismaClient } from "./generated/client.ts";

/** The database as layers above see it: they name no Prisma module themselves. */
export { Prisma, type PrismaClient } from "./generated/client.ts";

/** Inside a transaction. */
export type Tx = Prisma.TransactionClient;

/** For reads that work in and outside a transaction. */
export type Db = PrismaClient | Tx;

/** What queries need from outside. */
export interface Reader {
  prisma: PrismaClient;
  now: () => Date;
  /** This installation's id. */
  installation: string;
}
