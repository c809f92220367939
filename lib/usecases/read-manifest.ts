import { issueToken, readToken } from "#lib/auth/signed-url.ts";
import { workloadOf } from "#lib/db/estate.ts";
import { manifestRefusal } from "#lib/db/permissions.ts";
import { ownPart } from "#lib/db/queries/access-part.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import { notFound } from "#lib/db/refusals.ts";
import { reportHours } from "#lib/db/rules.ts";
import type { Prisma } from "#lib/db/types.ts";
import { grantsVisible, scopeOf } from "#lib/db/visibility.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { type Grant, grantIdSchema, grantSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";

/** All that the Kubernetes YAML of a grant is rendered from. */
export interface Manifest {
  grant: Grant;
  /** With every profile of the workload: applying a ConfigMap without one would take it away. */
  access: WorkloadAccess;
  /** For the verification Job's callback; null for a reader who may not report. */
  reportToken: string | null;
}

/** Without an actor: the signed token says which grant. For `kubectl apply -f <url>`. */
export async function readManifest(deps: SigningDeps, token: string): Promise<Outcome<Manifest>> {
  const read = readToken(deps.signingKey, token, "manifest", deps.now());
  if (!read.ok) return read;
  const row = await deps.prisma.grant.findUnique({ where: { id: read.value.grantId } });
  if (row?.state !== "active") return refused(notActive);
  return manifestOf(deps, row, true);
}

/** For the page, which shows the same YAML; also while the access is still being made. */
export async function showManifest(
  deps: SigningDeps,
  actor: Actor,
  grantId: string,
): Promise<Outcome<Manifest>> {
  if (!grantIdSchema.safeParse(grantId).success) return refused(notFound("access"));
  const scope = await scopeOf(deps.prisma, actor);
  const row = await deps.prisma.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
  if (!row) return refused(notFound("access"));
  return manifestOf(deps, row, manifestRefusal(grantStanding(row), scope) === null);
}

const notActive = refusal(
  "grant.not-active",
  "",
  "This access is not active, so there is nothing to apply.",
  "Look at its page to see how it stands.",
);

async function manifestOf(
  deps: SigningDeps,
  row: Prisma.GrantGetPayload<object>,
  reports: boolean,
): Promise<Outcome<Manifest>> {
  if (!row.wanted) return refused(notActive);
  const grant = grantSchema.parse(row.spec);
  const facts = await loadWorkloadFacts(deps.prisma, deps.installation, workloadOf(row), []);
  const compiled = compile(facts, "read", [grant]);
  if (!compiled.ok) return compiled;
  const expiresAt = new Date(deps.now().getTime() + reportHours * 3_600_000);
  return accepted({
    grant,
    access: ownPart(compiled.value.access, grant.id),
    reportToken: reports
      ? issueToken(deps.signingKey, { purpose: "report", grantId: grant.id, expiresAt })
      : null,
  });
}
