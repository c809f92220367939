import { mapLimited } from "#lib/aws/limiter.ts";
import { managedPolicy } from "#lib/aws/managed-policy.ts";
import { boundaryFindings, boundaryUnread } from "#lib/aws/preflight/boundary.ts";
import { ofKind, type PreflightFinding } from "#lib/aws/preflight/finding.ts";
import { providerFindings } from "#lib/aws/preflight/iam.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { DriftFinding } from "#lib/model/drift.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { driftFinding } from "#lib/plan/drift.ts";
import { nameOf } from "#lib/plan/resource-names.ts";
import { AwsFailure, inAws, retrying } from "./aws-attempt.ts";
import type { Looked } from "./drift-proof.ts";
import { readsAtATime } from "./verify.ts";

/** By ARN: the document that is in force, or why AWS did not show it. */
type Boundaries = ReadonlyMap<string, PolicyDocument | AwsFailure>;

/** Reads the boundaries that the roles among the resources carry, each once. Never throws because of AWS. */
export async function readBoundaries(
  looked: Looked,
  resources: readonly CloudResource[],
): Promise<Boundaries> {
  const { deps, readers, withinMs } = looked;
  const reading = async (accountId: string): Promise<[string, PolicyDocument | AwsFailure]> => {
    const { boundaryArn } = readers.account(accountId);
    try {
      const document = await retrying(deps, { signal: deps.stopping, withinMs }, () =>
        inAws(deps.stopping, [], () => managedPolicy(readers.of(accountId).iam(), boundaryArn)),
      );
      return [boundaryArn, document];
    } catch (error) {
      if (error instanceof AwsFailure) return [boundaryArn, error];
      throw error;
    }
  };
  return new Map(await mapLimited([...accountsUnder(looked, resources)], readsAtATime, reading));
}

/**
 * What a grant rests on, others keep and somebody has opened or taken away, by the checks that a run makes before its
 * first change: the boundaries of its roles and the audiences of its providers. Drawbridge may change no boundary and
 * takes nothing out of a provider, so that no repair ends it.
 *
 * @param own what the grant owns or needs
 */
export function aroundFindings(
  looked: Looked,
  boundaries: Boundaries,
  own: readonly CloudResource[],
): DriftFinding[] {
  const { deps, readers, observed } = looked;
  const boundary = [...accountsUnder(looked, own)].flatMap((accountId) => {
    const account = readers.account(accountId);
    const found = boundaries.get(account.boundaryArn);
    if (!found) return [];
    const resources = own.filter((one) => one.accountId === accountId);
    const findings =
      found instanceof AwsFailure
        ? [boundaryUnread(account, found.cause)]
        : boundaryFindings({ account, installation: deps.installation, resources }, found);
    const what = `the permissions boundary ${account.boundaryArn.split("/").at(-1)}`;
    return findings.flatMap((one) => inDriftWords(one, what));
  });
  const provider = ofKind(own, "oidc-provider").flatMap((one) => {
    // Looked up by its key, and keys name one kind only.
    const seen = observed[one.key] as Observed<"oidc-provider"> | undefined;
    const found = seen ? providerFindings(one, seen) : [];
    return found.flatMap((finding) => inDriftWords(finding, nameOf(one)));
  });
  return [...boundary, ...provider];
}

/**
 * The accounts whose boundary is on the grants' roles there, or comes back on them with a repair. That a role has got
 * another one is a finding of its own.
 */
function accountsUnder({ observed }: Looked, resources: readonly CloudResource[]): Set<string> {
  const under = ofKind(resources, "role").filter(({ key, body }) => {
    const seen = observed[key] as Observed<"role"> | undefined;
    return seen?.state !== "present" || ["", body.boundaryArn].includes(seen.body.boundaryArn);
  });
  return new Set(under.map(({ accountId }) => accountId));
}

/** What a run would stop at → what it is of access that stands. What is not here is told by the plan, or is no drift. */
const driftKinds: Record<string, string> = {
  "boundary.wider": "boundary.opened",
  "boundary.narrower": "boundary.narrowed",
  "boundary.missing": "boundary.deleted",
  "boundary.unread": "unreadable",
  "provider.wider": "provider.opened",
};

function inDriftWords({ id, accountId, key = "", detail }: PreflightFinding, what: string): DriftFinding[] {
  const kind = driftKinds[id];
  return kind === undefined ? [] : [driftFinding(kind, { accountId, key }, what, { now: [detail] })];
}
