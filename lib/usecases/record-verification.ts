import { readToken } from "#lib/auth/signed-url.ts";
import { audit } from "#lib/db/audit.ts";
import { workloadOf } from "#lib/db/estate.ts";
import { notify } from "#lib/db/notify.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { parseArn } from "#lib/model/arn.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { type PodReport, podReportSchema, reportIsGood } from "#lib/model/pod-report.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";
import { refusalsOf } from "./refusals.ts";

/**
 * What a pod reports of its own access. No actor: the token of its manifest names the one grant it may speak of.
 * A report that leaves out a check that the grant should pass, or comes from another identity, counts as failed.
 */
export async function recordVerification(
  deps: SigningDeps,
  token: string,
  input: unknown,
): Promise<Outcome<{ id: string; ok: boolean }>> {
  const read = readToken(deps.signingKey, token, "report", deps.now());
  if (!read.ok) return read;
  const parsed = podReportSchema.safeParse(input);
  if (!parsed.success) return refused(...refusalsOf(parsed.error));
  const report = parsed.data;
  const { grantId } = read.value;
  return deps.prisma.$transaction(async (tx) => {
    // Locked, so that a revocation at the same moment comes before or after, not in between.
    await tx.$queryRaw`SELECT 1 FROM "Grant" WHERE "id" = ${grantId} FOR SHARE`;
    const row = await tx.grant.findUnique({ where: { id: grantId } });
    if (row?.state !== "active")
      return refused(
        refusal("grant.not-active", "", "This access is not active.", "Report again once it is."),
      );
    const grant = grantSchema.parse(row.spec);
    const facts = await loadWorkloadFacts(tx, deps.installation, workloadOf(row), []);
    const compiled = compile(facts, "read", [grant]);
    const ok = compiled.ok && reportIsGood(report) && proves(report, grant, compiled.value.access);
    const at = deps.now();
    const { id } = await tx.verification.create({ data: { grantId, source: "pod", ok, report, at } });
    await audit(
      tx,
      { type: "grant.verified", data: { source: report.source, ok } },
      {
        actor: null,
        requestId: row.requestId,
        grantId,
        accountIds: [row.clusterAccountId, row.targetAccountId],
        correlationId: deps.ids.correlation(),
        at,
      },
    );
    await notify(tx, { topic: "grant", id: grantId });
    return accepted({ id, ok });
  });
}

/** Every check of the grant is among those reported, and the pod was one of the workload's own roles. */
function proves(report: PodReport, grant: Grant, access: WorkloadAccess): boolean {
  const expected = access.grants.find((one) => one.grant.id === grant.id)?.checks ?? [];
  const covered = expected.every((check) =>
    report.checks.some((done) => done.operation === check.operation && done.resource === check.resource),
  );
  // Of access that can't be tried there is nothing that a report could prove.
  return (
    expected.length > 0 &&
    covered &&
    (report.identity === null || ownRoles(access).includes(roleOfSession(report.identity)))
  );
}

function ownRoles(access: WorkloadAccess): string[] {
  return [access.roleArn, ...access.profiles.map((profile) => profile.roleArn)].map((arn) => {
    const parsed = parseArn(arn);
    return `${parsed?.account}/${parsed?.resource.split("/").at(-1)}`;
  });
}

/** `arn:aws:sts::111122223333:assumed-role/NAME/SESSION`: the role's path is not in it. */
function roleOfSession(arn: string): string {
  const parsed = parseArn(arn);
  const [kind, name] = parsed?.resource.split("/") ?? [];
  return kind === "assumed-role" ? `${parsed?.account}/${name}` : "";
}
