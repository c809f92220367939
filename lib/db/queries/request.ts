import { z } from "zod";
import type { AccountId } from "#lib/model/arn.ts";
import type { Estate } from "#lib/model/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { RequestKind } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { deciders } from "../people.ts";
import { requestPermissions } from "../permissions.ts";
import type { Prisma, Reader } from "../types.ts";
import { grantsVisible, type Scope, scopeOf, seesInside } from "../visibility.ts";
import { onlyGrants } from "./access-part.ts";
import { approvalViews } from "./approval-views.ts";
import { type ApprovedPicture, keptPicture } from "./approved-picture.ts";
import { findingsOf, findingsView } from "./findings-view.ts";
import { grantBefore } from "./grant-before.ts";
import { grantRows, withRequest } from "./grants.ts";
import { historyEntries } from "./history.ts";
import { hopsOf } from "./hops.ts";
import { type LoadedRequest, loadRequest } from "./loaded-request.ts";
import { accountNames, personView } from "./people-views.ts";
import { planView } from "./plan-view.ts";
import { proofOf } from "./proof-view.ts";
import { type Compiled, compile, loadWorkloadFacts, planFromSnapshot } from "./proposal.ts";
import { runRows, withNumber } from "./runs.ts";
import { targetView } from "./target-view.ts";
import type { RequestView, ReviewView, TimelineEntry, VersionView } from "./views/request.ts";

/** Everything on the page of a request. Null when there is none or the actor does not see it. */
export async function requestView(reader: Reader, actor: Actor, number: number): Promise<RequestView | null> {
  const { prisma, now } = reader;
  if (!Number.isInteger(number) || number < 1 || number > maxNumber) return null;
  const scope = await scopeOf(prisma, actor);
  const request = await loadRequest(prisma, scope, { number }, now());
  if (!request) return null;
  const { row, state, workload, version, grants, requirements, risk, standing } = request;
  const before = await grantBefore(prisma, row);
  const ids = grants.map(({ id }) => id);
  const [people, names, timeline, plan, runs, granted] = await Promise.all([
    deciders(
      prisma,
      requirements.map((requirement) => requirement.group),
    ),
    accountNames(prisma),
    timelineOf(reader, row.id),
    planOf(reader, scope, request, before),
    prisma.run
      .findMany({
        where: { requestId: row.id },
        include: withNumber,
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      })
      .then((rows) => runRows(prisma, rows)),
    prisma.grant
      .findMany({
        // Another approval may have changed them since, and others may see them than this request.
        where: { AND: [{ id: { in: state === "approved" ? ids : [] } }, grantsVisible(scope)] },
        include: withRequest,
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      })
      .then((rows) => grantRows(prisma, rows)),
  ]);
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    kind: row.kind,
    state,
    requester: personView(row.requester),
    workload,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    version: versionView(version, names),
    versions: row.versions.map((one) => versionView(one, names)),
    grants,
    ...plan,
    risk,
    approvals: approvalViews(requirements, standing.votes, people, row.requesterId),
    preflight: {
      state: version.preflightState,
      finishedAt: version.preflightFinishedAt?.toISOString() ?? null,
      findings: standing.preflight.findings.map((finding) => shownTo(scope, finding)),
    },
    reviews: row.reviews.map(reviewView),
    timeline,
    may: requestPermissions(standing, scope, people),
    runs,
    granted,
    change: changeView(row, before, grants, names),
  };
}

function changeView(
  { kind }: LoadedRequest["row"],
  before: Grant | null,
  [after]: readonly Grant[],
  names: (id: string) => string | undefined,
): RequestView["change"] {
  if (!before || !after) return null;
  return {
    grantId: before.id,
    // A CHECK constraint holds this column to the kinds of lib/model.
    kind: kind as RequestKind,
    before: targetView(before, names),
    after: targetView(after, names),
  };
}

/** A finding about what others wrote into a policy names their statements and principals. */
function shownTo(scope: Scope, finding: PreflightFinding): PreflightFinding {
  if (!finding.id.startsWith("policy.") || seesInside(scope, finding.accountId)) return finding;
  return { ...finding, detail: "Which statement it is, the account's owners see here." };
}

/** Of a Postgres integer. */
const maxNumber = 2_147_483_647;

/** What it would do as things are today, by the snapshot. */
async function planOf(
  { prisma, installation, now }: Reader,
  scope: Scope,
  { row, workload, grants, standing }: LoadedRequest,
  before: Grant | null,
): Promise<
  Pick<RequestView, "plan" | "planProblem" | "proof" | "findings" | "access" | "hops" | "digestNow" | "kept">
> {
  const facts = await loadWorkloadFacts(
    prisma,
    installation,
    workload,
    grants.map((grant) => grant.target.arn),
  );
  const compiled = compile(facts, row.kind, grants, before ? [before] : []);
  const open = (accountId: string) => seesInside(scope, accountId);
  const { estate } = facts;
  const preflight = standing.preflight.findings.map((finding) => shownTo(scope, finding));
  const shown = { preflight, estate, seesInside: open, now: now() };
  const kept = await keptPicture(prisma, row.id, grants, open);
  // What was approved stays what it was, also where it could not be asked for any more.
  const picture =
    kept ?? (compiled.ok ? await pictureOfToday(prisma, compiled.value, estate, now(), open) : null);
  const seen = picture ? pictureView(picture, shown) : unseen(shown);
  if (!compiled.ok) {
    const planProblem = kept ? null : compiled.refusals.map((one) => one.reason).join(" ");
    return { ...seen, kept: kept !== null, planProblem, access: null, hops: [], digestNow: null };
  }
  const { access, after, digest } = compiled.value;
  const ids = grants.map((grant) => grant.id);
  return {
    ...seen,
    kept: kept !== null,
    planProblem: null,
    // The workload's other grants have pages of their own, with readers of their own.
    access: onlyGrants(access, new Set(ids)),
    hops: ids.map((id) => hopsOf(id, access, after)),
    digestNow: digest,
  };
}

type Shown = Omit<Parameters<typeof findingsView>[0], "steps" | "found" | "plan">;
type Seen = Pick<RequestView, "plan" | "proof" | "findings">;

function pictureView({ steps, proof, snapshotAt, at }: ApprovedPicture, shown: Shown): Seen {
  const plan = planView({ plan: { steps }, snapshotAt }, shown.estate, shown.seesInside);
  const found = findingsOf(steps, at);
  return { plan, proof, findings: findingsView({ ...shown, steps, found, plan, now: at }) };
}

function unseen(shown: Shown): Seen {
  return { plan: null, proof: [], findings: findingsView({ ...shown, steps: [], found: [], plan: noPlan }) };
}

async function pictureOfToday(
  prisma: Reader["prisma"],
  compiled: Compiled,
  estate: Estate,
  now: Date,
  open: (accountId: AccountId) => boolean,
): Promise<ApprovedPicture> {
  const [{ plan, snapshotAt }, proof] = await Promise.all([
    planFromSnapshot(prisma, compiled),
    proofOf(prisma, compiled, estate, now, open),
  ]);
  return { steps: plan.steps, proof, snapshotAt, at: now };
}

const noPlan = { accounts: [], changes: 0, conflicts: 0, snapshotAt: null };

const timelineLimit = 1_000;

/** Decisions and comments, the oldest first. The steps of runs have pages of their own. */
async function timelineOf({ prisma }: Reader, requestId: string): Promise<TimelineEntry[]> {
  const [events, comments] = await Promise.all([
    prisma.auditEvent.findMany({
      where: { requestId, NOT: [{ type: { startsWith: "step." } }, { type: "request.commented" }] },
      orderBy: [{ at: "asc" }, { id: "asc" }],
      take: timelineLimit,
    }),
    prisma.comment.findMany({
      where: { requestId },
      include: { person: true },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      take: timelineLimit,
    }),
  ]);
  const entries: TimelineEntry[] = [
    ...(await historyEntries(prisma, events)).map((event) => ({
      kind: "event" as const,
      at: event.at,
      event,
    })),
    ...comments.map(({ id, createdAt, person, body }) => ({
      kind: "comment" as const,
      at: createdAt.toISOString(),
      id,
      person: personView(person),
      body,
    })),
  ];
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function versionView(
  version: Prisma.RequestVersionGetPayload<{ include: { author: true } }>,
  names: (id: string) => string | undefined,
): VersionView {
  return {
    number: version.number,
    author: personView(version.author),
    reason: version.reason,
    digest: version.digest,
    createdAt: version.createdAt.toISOString(),
    targets: z
      .array(grantSchema)
      .parse(version.grants)
      .map((grant) => targetView(grant, names)),
  };
}

function reviewView(review: LoadedRequest["row"]["reviews"][number]): ReviewView {
  return {
    id: review.id,
    version: review.version,
    person: personView(review.person),
    decision: review.decision as ReviewView["decision"],
    comment: review.comment,
    at: review.createdAt.toISOString(),
  };
}
