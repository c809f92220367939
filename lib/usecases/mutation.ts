import type { z } from "zod";
import { type AuditContext, audit } from "#lib/db/audit.ts";
import { isUniqueViolation, isWriteConflict } from "#lib/db/errors.ts";
import { loadActor } from "#lib/db/people.ts";
import { conflict, forbidden } from "#lib/db/refusals.ts";
import { ConflictError } from "#lib/db/transitions.ts";
import type { Tx } from "#lib/db/types.ts";
import { type Scope, scopeOf } from "#lib/db/visibility.ts";
import type { AuditEntry } from "#lib/model/audit-event.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { refusalsOf } from "./refusals.ts";

/** What a use case works with inside its one transaction. */
export interface Mutation {
  tx: Tx;
  /** The actor as the database knows them now: groups and roles may have changed since the page was made. */
  me: Actor;
  scope: Scope;
  at: Date;
  correlationId: string;
  /** Writes to history, as this actor and in this transaction. */
  record: (
    entry: AuditEntry,
    about: Pick<AuditContext, "accountIds" | "requestId" | "grantId" | "runId">,
  ) => Promise<void>;
}

/** Carries refusals out of the transaction, so that it is rolled back. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refusals: Refusal[];

  constructor(refusals: Refusal[]) {
    super(refusals.map((one) => one.code).join(", "));
    this.refusals = refusals;
  }
}

/** Waiting for a row that another request has locked is normal here, so more than Prisma's 2 and 5 seconds. */
const patience = { maxWait: 10_000, timeout: 15_000 };

/**
 * The shape of every mutation: parse, then one transaction in which the actor is read anew and the work is done.
 * A refusal rolls everything back, so nothing is written unless all of it is.
 */
export async function mutate<S extends z.ZodType, T>(
  deps: Deps,
  actor: Actor,
  parse: { schema: S; input: unknown },
  work: (mutation: Mutation, input: z.output<S>) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const parsed = parse.schema.safeParse(parse.input);
  if (!parsed.success) return refused(...refusalsOf(parsed.error));
  try {
    const value = await deps.prisma.$transaction(async (tx) => {
      const mutation = await begin(tx, deps, actor);
      const outcome = await work(mutation, parsed.data);
      if (!outcome.ok) throw new RefusedError(outcome.refusals);
      return outcome.value;
    }, patience);
    return accepted(value);
  } catch (error) {
    if (error instanceof RefusedError) return refused(...error.refusals);
    if (error instanceof ConflictError)
      return refused(conflict(`Someone was faster: this ${error.machine} has changed in the meantime.`));
    if (isUniqueViolation(error) || isWriteConflict(error))
      return refused(conflict("Someone did the same at the same moment."));
    throw error;
  }
}

async function begin(tx: Tx, deps: Deps, actor: Actor): Promise<Mutation> {
  const me = await loadActor(tx, actor.id);
  if (!me) throw new RefusedError([forbidden("Your account no longer exists here.", "Sign in again.")]);
  const scope = await scopeOf(tx, me);
  const at = deps.now();
  const correlationId = deps.ids.correlation();
  return {
    tx,
    me,
    scope,
    at,
    correlationId,
    record: (entry, about) => audit(tx, entry, { ...about, actor: me, correlationId, at }),
  };
}
