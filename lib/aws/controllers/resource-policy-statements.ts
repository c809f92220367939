import type { CloudResource, Observed, ResourcePolicyBody } from "#lib/model/cloud-resource.ts";
import { documentOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sidPrefixOfKey } from "#lib/model/resource-key.ts";
import { sameDocument } from "#lib/policy/canonical.ts";
import { danglingPrincipals, deadStatements } from "#lib/policy/dangling.ts";
import { mergeStatements, withoutStatements } from "#lib/policy/merge.ts";
import type { Controller, ControllerContext, Outcome } from "../controller.ts";
import {
  BucketTakenError,
  ConcurrentChangeError,
  DanglingPrincipalError,
  isKind,
  NotSettledError,
} from "../errors.ts";
import { unsettled } from "../policies/settled.ts";
import { type PolicyStore, policyStore } from "../policies/store.ts";

type Resource = CloudResource<"resource-policy-statements">;
type Document = PolicyDocument | undefined;
/** What a policy becomes. */
type Merge = (existing: Document) => Document;
type OwnStatement = ResourcePolicyBody["statements"][number];

/** How often we merge again after somebody else wrote over us, and how often we look for our own write. */
const mergeRounds = 6;
const readBackRounds = 6;

/** The prefix of the Sids that this resource stands for, from its key (lib/model/resource-key.ts). */
function sidPrefixOf(resource: Resource): string {
  const prefix = sidPrefixOfKey(resource.key);
  if (!prefix) throw new TypeError(`${resource.key} is not the key of statements`);
  return prefix;
}

function ownOf(document: Document, prefix: string): OwnStatement[] {
  if (!document) return [];
  return statementsOf(document).filter((statement): statement is OwnStatement =>
    (statement.Sid ?? "").startsWith(prefix),
  );
}

function same(left: Document, right: Document): boolean {
  if (!left || !right) return left === right;
  return sameDocument(left, right, { statementOrder: "matters" });
}

function storeOf(ctx: ControllerContext, { accountId, region, body }: Resource): PolicyStore {
  return policyStore(ctx.clients, body.service, { arn: body.resourceArn, accountId, region });
}

/** What is said when the resource that should carry the policy is not there: our statements went with it. */
function missing(resource: Resource, error: unknown): string {
  if (error instanceof BucketTakenError) return error.message;
  return `${resource.body.resourceArn} does not exist in account ${resource.accountId}.`;
}

async function observe(
  ctx: ControllerContext,
  resource: Resource,
): Promise<Observed<"resource-policy-statements">> {
  const { service, resourceArn } = resource.body;
  try {
    const document = await storeOf(ctx, resource).read();
    const statements = ownOf(document, sidPrefixOf(resource));
    const surrounding = document ? { surrounding: document } : {};
    if (statements.length === 0) return { state: "absent", ...surrounding };
    return { state: "present", body: { service, resourceArn, statements }, ours: true, ...surrounding };
  } catch (error) {
    if (isKind(error, "not-found")) return { state: "absent", conflict: missing(resource, error) };
    throw error;
  }
}

/** Takes out of a policy that is going to be written what keeps AWS from accepting it and lets nobody in. */
function withoutDead({ deadGrants }: ControllerContext, next: Merge): Merge {
  return (existing) => {
    const after = next(existing);
    if (!after || !deadGrants || same(existing, after)) return after;
    const statements = statementsOf(after);
    const dead = deadStatements(statements).filter(({ grantId }) => deadGrants.has(grantId));
    const kept = statements.filter((one) => !dead.some(({ statement }) => statement === one));
    if (kept.length === statements.length) return after;
    return kept.length > 0 ? { ...after, Statement: kept } : undefined;
  };
}

/**
 * A deleted principal in anybody's statement makes AWS refuse the whole document, ours with it; and it can't be
 * dropped silently. Found before the write, so that the answer names the statement instead of "invalid principal".
 */
function refuseDangling(resource: Resource, next: PolicyDocument, prefix: string): void {
  const others: Statement[] = statementsOf(next).map((statement) =>
    (statement.Sid ?? "").startsWith(prefix) ? { ...statement, Principal: {}, NotPrincipal: {} } : statement,
  );
  const dangling = danglingPrincipals(others);
  const [first, ...more] = dangling;
  if (!first) return;
  const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
  // One that still lets somebody in beside is not for us to take out, whatever its Sid.
  const dead = new Map(deadStatements(others).map(({ statement, grantId }) => [statement.Sid, grantId]));
  throw new DanglingPrincipalError(
    `In the policy of ${resource.body.resourceArn}, "${first.statement}" names ${first.principal}${rest}: a role or user that was deleted.`,
    dangling.map(({ statement }) => dead.get(statement)),
  );
}

/**
 * Whether a write is in force. The document may still be the old one (SQS attributes take up to 60 s to be seen
 * everywhere): then it is read again. If it is a third one, another writer came after us: that is fine as long as
 * it has our statements as we want them, and if not, the merge starts over from theirs.
 */
async function inForce(
  ctx: ControllerContext,
  store: PolicyStore,
  before: Document,
  written: Document,
  next: Merge,
): Promise<boolean> {
  for (let round = 0; round < readBackRounds; round += 1) {
    const found = await store.read();
    if (same(found, written)) return true;
    if (!same(found, before)) return same(found, next(found));
    await ctx.wait.pause(round);
  }
  return false;
}

/**
 * Read, merge, write, read back, until the policy is what `next` makes of it. The read stands directly before the
 * write, and `observed` is never merged into, so what others wrote since the plan was made survives. These APIs
 * have no revision to write against: a foreign write in the one round trip between read and write can't be seen.
 *
 * @param expected whether what is there is what this was decided by, or what it has written itself; absent: it may be
 *   anything
 * @throws NotSettledError what was read is older than what steps of ours have written: nothing was written
 * @throws ConcurrentChangeError others kept changing it, or it is not as expected: nothing more was written
 */
async function converge(
  ctx: ControllerContext,
  resource: Resource,
  next: Merge,
  expected?: (own: Document) => boolean,
): Promise<"changed" | "unchanged"> {
  const store = storeOf(ctx, resource);
  const prefix = sidPrefixOf(resource);
  for (let round = 0; round < mergeRounds; round += 1) {
    // A principal made a moment ago may not be known yet: each attempt starts from a fresh read.
    const write = await ctx.wait.untilVisible(async () => {
      const before = await store.read();
      if (expected && !expected(before))
        throw new ConcurrentChangeError(
          `Others changed the statements of this access in the policy of ${resource.body.resourceArn} as Drawbridge was about to write them.`,
        );
      const after = next(before);
      const done = same(before, after);
      // What this step itself has written in an earlier round counts for more than what was there before it.
      const late = unsettled(resource, before, ctx.written ?? [], done && round === 0);
      if (late || done) return late;
      if (after) refuseDangling(resource, after, prefix);
      await (after ? store.write(after) : store.remove());
      return { before, after };
    });
    if (!write) return round === 0 ? "unchanged" : "changed";
    if (write instanceof NotSettledError) {
      // Nothing was written: others may have the policy while this is waited out.
      if (round === 0) throw write;
    } else if (await inForce(ctx, store, write.before, write.after, next)) return "changed";
    await ctx.wait.pause(round);
  }
  throw new ConcurrentChangeError(
    `Others kept changing the policy of ${resource.body.resourceArn} while Drawbridge merged its statements into it.`,
  );
}

/** Ours as wanted, and none of ours beside them; all the rest as it is. */
function withOurs(resource: Resource): (existing: Document) => Document {
  const prefix = sidPrefixOf(resource);
  const { statements } = resource.body;
  const wanted = new Set(statements.map(({ Sid }) => Sid));
  return (existing) => {
    const stale = ownOf(existing, prefix).flatMap(({ Sid }) => (wanted.has(Sid) ? [] : [Sid]));
    return withoutStatements(mergeStatements(existing, statements), stale);
  };
}

function withoutOurs(resource: Resource): (existing: Document) => Document {
  const prefix = sidPrefixOf(resource);
  return (existing) =>
    withoutStatements(
      existing,
      ownOf(existing, prefix).map(({ Sid }) => Sid),
    );
}

/** Whether ours are as they were seen, or as they are to be. */
function asSeen(
  resource: Resource,
  seen: Observed<"resource-policy-statements"> | undefined,
): (document: Document) => boolean {
  const prefix = sidPrefixOf(resource);
  const statements = seen?.state === "present" ? seen.body.statements : [];
  const known = [statements, resource.body.statements].map(documentOf);
  return (document) => {
    const found = documentOf(ownOf(document, prefix));
    return known.some((one) => sameDocument(one, found, { statementOrder: "ignored" }));
  };
}

async function put(
  ctx: ControllerContext,
  resource: Resource,
  seen: Observed<"resource-policy-statements"> | undefined,
  effect: "created" | "updated",
): Promise<Outcome> {
  const result = await converge(
    ctx,
    resource,
    withoutDead(ctx, withOurs(resource)),
    ctx.onTakenAway && asSeen(resource, seen),
  );
  return { effect: result === "changed" ? effect : "unchanged" };
}

async function remove(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  try {
    const result = await converge(ctx, resource, withoutDead(ctx, withoutOurs(resource)));
    return result === "changed"
      ? { effect: "deleted" }
      : { effect: "unchanged", detail: "No statement of this grant was there." };
  } catch (error) {
    if (isKind(error, "not-found")) return { effect: "unchanged", detail: missing(resource, error) };
    throw error;
  }
}

/** Our statements, by Sid, in a policy that others also write: bucket and queue policies. */
export const resourcePolicyStatements: Controller<"resource-policy-statements"> = {
  observe,
  create: (ctx, resource, seen) => put(ctx, resource, seen, "created"),
  update: (ctx, resource, observed) => put(ctx, resource, observed, "updated"),
  delete: remove,
};
