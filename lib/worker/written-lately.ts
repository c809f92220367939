import { NotSettledError } from "#lib/aws/errors.ts";
import { unsettled } from "#lib/aws/policies/settled.ts";
import { Prisma, type Tx } from "#lib/db/types.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { sidMarker, sidPrefixOfKey, statementsKey } from "#lib/model/resource-key.ts";
import { isMutating, type Verb } from "#lib/plan/plan.ts";
import { differences } from "#lib/plan/same.ts";
import type { Written } from "#lib/policy/written.ts";
import { AwsFailure } from "./aws-attempt.ts";
import type { RecordedCall } from "./clients.ts";
import type { WorkerDeps } from "./deps.ts";
import type { RunContext } from "./run-context.ts";

/** A step that has set out to change the resource, or its grant's statements in the same policy. */
interface Writing {
  id: string;
  resource: CloudResource;
  verb: Verb;
  /** It is known to have come to its end. Else it may have had its effect or not. */
  ended: boolean;
  /** Nothing that it called can have had an effect, or it left the resource on purpose. */
  idle: boolean;
  /** It takes statements out. */
  removes: boolean;
}

/** What a step has made of the resource; null: it has deleted it. */
interface Change extends Pick<Writing, "ended"> {
  form: CloudResource | null;
}

/** All operations but these change something. To Postgres and to us it means the same. */
const reads = "^(Assume|Describe|Get|Head|List)";

/** What steps of any run have done so lately that AWS may still show what was before. */
export interface Lately {
  /** Of a shared policy: what became of each grant's statements. */
  written: Written[];
  /** To the resource itself, by other steps; the last one last. */
  changes: Change[];
  /** This step may have changed it as well. */
  wrote: boolean;
}

/**
 * Asked with the resource's lock held, so that nothing is added meanwhile.
 *
 * @param own the step that asks, and whether it may have changed the resource already
 */
export async function writtenLately(
  { deps }: RunContext,
  resource: CloudResource,
  own: { id: string; wrote: boolean },
): Promise<Lately> {
  const shared = resource.kind === "resource-policy-statements";
  const whole = shared ? resource.key : wholeOf(resource.key);
  const like = beginsWith(shared ? statementsKey(resource.body.resourceArn, sidMarker) : whole);
  // What AWS refused has had no effect; but only of a step that ended in its first attempt is every call on record, since
  // one may have been lost with a worker, and only of a call that was sent once is every answer: an outage may have come
  // before the refusal.
  const steps = await deps.prisma.$queryRaw<Writing[]>`
    SELECT s."id", s."resource", s."verb", s."state" = 'succeeded' AND s."outcome" <> 'kept' AS "ended",
      (s."state" = 'failed' OR (s."state" = 'succeeded' AND s."outcome" = 'kept')) AND s."attempts" = 1 AND NOT EXISTS (
        SELECT FROM "AwsCall" c WHERE c."stepId" = s."id" AND c."operation" !~ ${reads}
          AND (c."attempts" > 1 OR coalesce(c."httpStatus", 500) NOT BETWEEN 300 AND 499)) AS "idle",
      s."verb" = 'delete' OR r."kind" = 'revoke' AS "removes"
    FROM "Step" s JOIN "Run" r ON r."id" = s."runId"
    WHERE s."key" LIKE ${like} AND (${shared} OR s."resource"->>'key' IN (${resource.key}, ${whole}))
      AND ${isRecent(deps)}
    ORDER BY coalesce(s."finishedAt", s."startedAt")`;
  const others = steps.filter(({ id }) => id !== own.id);
  return {
    written: shared ? writtenInPolicy(own.wrote ? steps : others) : [],
    changes: others
      .filter(({ verb, idle }) => isMutating(verb) && !idle)
      .filter(
        ({ resource: { key }, verb, ended }) =>
          key === resource.key || (key === whole && verb === "delete" && ended),
      )
      .map(({ ended, verb, resource: form }) => ({ ended, form: verb === "delete" ? null : form })),
    wrote: own.wrote,
  };
}

/** Whether a step of any run has set out to change one of these resources so lately that AWS may show what was before. */
export async function changedLately(
  db: Pick<Tx, "$queryRaw">,
  deps: Pick<WorkerDeps, "timing">,
  keys: readonly string[],
): Promise<boolean> {
  const all = [...new Set(keys.flatMap((key) => [key, wholeOf(key)]))];
  if (all.length === 0) return false;
  // One by one: of LIKE ANY the index knows nothing.
  const like = Prisma.join(
    all.map((key) => Prisma.sql`s."key" LIKE ${beginsWith(key)}`),
    " OR ",
  );
  const rows = await db.$queryRaw<unknown[]>`
    SELECT FROM "Step" s
    WHERE (${like}) AND s."resource"->>'key' = ANY (${all}) AND ${isRecent(deps)}
    LIMIT 1`;
  return rows.length > 0;
}

/** A role's policies go with it. */
function wholeOf(key: string): string {
  return key.split("#policy/")[0] ?? key;
}

/** For LIKE. A step's key begins with its resource's. */
function beginsWith(key: string): string {
  return `${key.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

/**
 * Of a step that set out to change something: the end of its last attempt, as far as it is known, was a moment ago. One
 * that is at work, or whose worker is lost and nobody has taken over yet, may change something now.
 */
function isRecent({ timing }: Pick<WorkerDeps, "timing">): Prisma.Sql {
  return Prisma.sql`s."startedAt" IS NOT NULL AND (s."state" = 'running' OR coalesce(s."finishedAt", s."startedAt")
    > clock_timestamp() - make_interval(secs => ${timing.settledAfterMs}::float8 / 1000))`;
}

/** Whether one of an attempt's calls may have changed something. What AWS refused at once has not. */
export function mayHaveWritten(calls: readonly RecordedCall[]): boolean {
  return calls.some(
    ({ operation, attempts, httpStatus = 500 }) =>
      !new RegExp(reads).test(operation) && (attempts > 1 || httpStatus < 300 || httpStatus > 499),
  );
}

/**
 * Of what was last known, and all that was tried since, one is there. Where nothing was known to begin with, anything
 * may be: whoever left that unfinished looks at it again.
 */
function writtenInPolicy(steps: readonly Writing[]): Written[] {
  const written = new Map<string, Written>();
  for (const { resource, ended, removes } of steps) {
    if (resource.kind !== "resource-policy-statements") continue;
    const sidPrefix = sidPrefixOfKey(resource.key) ?? "";
    const form = removes ? [] : resource.body.statements;
    if (ended) written.set(sidPrefix, { sidPrefix, forms: [form] });
    else written.get(sidPrefix)?.forms.push(form);
  }
  return [...written.values()];
}

/**
 * @param idle nothing is to be done by what was seen
 * @throws AwsFailure that waiting may help: what was seen is older than that
 */
export function refuseUnsettled(
  resource: CloudResource,
  observed: Observed,
  lately: Lately,
  idle: boolean,
): void {
  // Where there is no such bucket, queue or cluster, nothing in it is late.
  if (observed.conflict !== undefined) return;
  if (resource.kind === "resource-policy-statements") {
    const late = unsettled(resource, observed.surrounding, lately.written, idle);
    if (late) throw new AwsFailure(late);
  }
  if (idle && !isSettled(observed, lately))
    throw new AwsFailure(
      new NotSettledError(
        `AWS does not show of ${resource.key} what Drawbridge has done a moment ago: it may be shown as it was before, so nothing was changed.`,
      ),
    );
}

/**
 * Whether what is as it should be, or gone, is so after all that steps of ours have done, and was not only read late.
 * What this step may have done itself was done because it was otherwise then, so that what it follows needs no look.
 */
function isSettled(observed: Observed, { changes, wrote }: Lately): boolean {
  const last = changes.findLastIndex(({ ended }) => ended);
  const tried = changes.slice(last + 1);
  const shows = ({ form }: Change) =>
    form === null
      ? observed.state === "absent"
      : observed.state === "present" && differences(form, observed).length === 0;
  return tried.every(shows) && (wrote || changes.slice(last, last + 1).every(shows));
}
