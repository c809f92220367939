import type { AccountId } from "#lib/model/arn.ts";
import { leftBehindSchema } from "#lib/model/giving-up.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { RequestKind } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import { podReportSchema } from "#lib/model/pod-report.ts";
import { provenReportSchema } from "#lib/model/proven-access.ts";
import { stepsAsRead } from "#lib/plan/findings.ts";
import { workloadColumns, workloadOf } from "../estate.ts";
import {
  changeRefusal,
  manifestRefusal,
  repairRefusal,
  revokeRefusal,
  rollBackRefusal,
} from "../permissions.ts";
import type { Db, Prisma, Reader } from "../types.ts";
import { grantsVisible, scopeOf, seesInside } from "../visibility.ts";
import { ownPart } from "./access-part.ts";
import { driftStanding, driftView } from "./drift.ts";
import { findingsOf, findingsView } from "./findings-view.ts";
import { type GrantWithRequest, grantRows, withRequest } from "./grants.ts";
import { historyEntries } from "./history.ts";
import { hopsOf } from "./hops.ts";
import { ifRevoked } from "./if-revoked.ts";
import { idPatterns } from "./keyset.ts";
import { leftViews } from "./left-behind.ts";
import { type LoadedChange, loadChange } from "./loaded-change.ts";
import { grantStanding } from "./loaded-grant.ts";
import { accountNames } from "./people-views.ts";
import { planView } from "./plan-view.ts";
import { shownRows } from "./proof-view.ts";
import { compile, loadWorkloadFacts, planFromSnapshot } from "./proposal.ts";
import { runRows, withNumber } from "./runs.ts";
import type { GrantChangeView, GrantView, VerificationView } from "./views/grant.ts";

const newestFirst = [{ createdAt: "desc" as const }, { id: "desc" as const }];

/** Everything on the page of an access. Null when there is none or the actor does not see it. */
export async function grantView(reader: Reader, actor: Actor, grantId: string): Promise<GrantView | null> {
  const { prisma } = reader;
  if (!idPatterns.grant.test(grantId)) return null;
  const scope = await scopeOf(prisma, actor);
  const visible = grantsVisible(scope);
  const row = await prisma.grant.findFirst({
    where: { AND: [{ id: grantId }, visible] },
    include: withRequest,
  });
  if (!row) return null;
  const grant = grantSchema.parse(row.spec);
  const [change, [view], access, verifications, runs, siblings, history] = await Promise.all([
    loadChange(prisma, row, reader.now()),
    grantRows(prisma, [row]),
    accessOf(reader, row, grant, (id) => seesInside(scope, id)),
    prisma.verification.findMany({ where: { grantId }, orderBy: [{ at: "desc" }, { id: "desc" }], take: 20 }),
    prisma.run.findMany({ where: { grantIds: { has: grantId } }, include: withNumber, orderBy: newestFirst }),
    prisma.grant.findMany({
      where: {
        AND: [visible, workloadColumns(workloadOf(row)), { id: { not: grantId }, state: { not: "revoked" } }],
      },
      include: withRequest,
      orderBy: newestFirst,
    }),
    prisma.auditEvent.findMany({ where: { grantId }, orderBy: [{ at: "desc" }, { id: "desc" }], take: 100 }),
  ]);
  if (!view) return null;
  const standing = grantStanding(row);
  const revoke = revokeRefusal(standing, scope);
  return {
    ...view,
    spec: grant,
    revokeReason: row.revokeReason,
    givenUp: await givenUpView(prisma, row),
    ...access,
    change: changeView(change),
    openChange: change.open && { number: change.open.number, kind: change.open.kind as RequestKind },
    verifications: verifications
      .map(verificationView)
      .map((one) => ({ ...one, evaluated: shownRows(grant, one.evaluated, (id) => seesInside(scope, id)) })),
    runs: await runRows(prisma, runs),
    siblings: await grantRows(prisma, siblings),
    history: await historyEntries(prisma, history),
    drift: await driftView(reader, scope, row),
    ifRevoked: revoke ? null : await ifRevoked(prisma, reader.installation, grant),
    may: {
      revoke,
      change: changeRefusal(change.standing),
      rollBack: rollBackRefusal(standing, change.standing, scope),
      repair: repairRefusal(standing, await driftStanding(prisma, row), scope),
      issueManifest: manifestRefusal(standing, scope),
    },
  };
}

async function givenUpView(db: Db, row: GrantWithRequest): Promise<GrantView["givenUp"]> {
  const { state, givenUpAt: at, giveUpReason: reason, leftBehind } = row;
  if (state !== "given_up" || at === null || reason === null) return null;
  const left = leftViews(leftBehindSchema.parse(leftBehind), await accountNames(db));
  return { at: at.toISOString(), reason, left };
}

function changeView({ run }: LoadedChange): GrantChangeView | null {
  if (!run?.change) return null;
  const { id: runId, state, change, requestNumber, error } = run;
  return { runId, state, change, requestNumber, error };
}

/** How the workload's pods get their credentials. */
async function accessOf(
  { prisma, installation, now }: Reader,
  row: GrantWithRequest,
  grant: Grant,
  open: (accountId: AccountId) => boolean,
): Promise<Pick<GrantView, "access" | "hops" | "asRead">> {
  const none = { access: null, hops: [], asRead: null };
  if (!row.wanted) return none;
  const facts = await loadWorkloadFacts(prisma, installation, grant.workload, []);
  const compiled = compile(facts, "read", [grant]);
  if (!compiled.ok) return none;
  const { access, after } = compiled.value;
  const { plan, snapshotAt } = await planFromSnapshot(prisma, compiled.value);
  const steps = stepsAsRead(plan.steps);
  const shown = planView({ plan: { steps }, snapshotAt }, facts.estate, open);
  const found = findingsOf(steps, now());
  const findings = findingsView({
    steps,
    found,
    plan: shown,
    preflight: [],
    estate: facts.estate,
    seesInside: open,
    now: now(),
  });
  return {
    access: ownPart(access, grant.id),
    hops: hopsOf(grant.id, access, after),
    asRead: steps.length > 0 ? { plan: shown, findings } : null,
  };
}

function verificationView(row: Prisma.VerificationGetPayload<object>): VerificationView {
  const { id, source, ok, at, report } = row;
  return {
    id,
    source,
    ok,
    at: at.toISOString(),
    report: podReportSchema.safeParse(report).data ?? null,
    evaluated: provenReportSchema.safeParse(report).data?.evaluated ?? [],
  };
}
