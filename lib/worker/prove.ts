import { mapLimited } from "#lib/aws/limiter.ts";
import { managedPolicy } from "#lib/aws/managed-policy.ts";
import { policyStore } from "#lib/aws/policies/store.ts";
import { keysBehind } from "#lib/desired/proof-documents.ts";
import { proveAccess } from "#lib/desired/prove-access.ts";
import { type TargetPlace, targetPlaces } from "#lib/desired/targets.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { inAws, retrying } from "./aws-attempt.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";
import type { Readers } from "./run-context.ts";
import { readsAtATime } from "./verify.ts";

export interface Seen {
  resource: CloudResource;
  observed: Observed;
}

/** With what is read beside, until when, and for how long one read is tried. */
export interface ProofReader {
  deps: Pick<WorkerDeps, "prisma" | "timing" | "stopping">;
  readers: Pick<Readers, "of">;
  signal: AbortSignal;
  withinMs: number;
}

/** What is asked: of these grants, with what is desired of all grants of their cluster. */
export interface ToProve {
  grants: readonly Grant[];
  estate: Estate;
  desired: readonly CloudResource[];
}

/**
 * Who gets in, by the evaluator over the documents as they were read back: for each of the grants. What stands around
 * them, the boundaries and the targets' policies, is read too; the policy of a key is not, so that access which needs
 * one is unknown. Only what is provisioned is asked about.
 */
export async function prove(
  reader: ProofReader,
  { grants, estate, desired }: ToProve,
  seen: readonly Seen[],
): Promise<Map<GrantId, ProvenRow[]>> {
  const resources = seen.flatMap(({ resource, observed }) =>
    observed.state === "present" ? [{ ...resource, body: observed.body } as CloudResource] : [],
  );
  const [boundaries, policies, now] = await Promise.all([
    readBoundaries(reader, resources),
    readPolicies(reader, targetPlaces(grants, estate), seen),
    databaseNow(reader.deps.prisma),
  ]);
  const documents = { resources, boundaries, policies, keys: keysBehind(grants, estate) };
  return new Map(
    grants.map((grant) => [grant.id, proveAccess(grant, desired, documents, now.toISOString())]),
  );
}

async function readBoundaries(
  reader: ProofReader,
  resources: readonly CloudResource[],
): Promise<Map<string, PolicyDocument>> {
  const places = new Map(
    resources.flatMap((one) => (one.kind === "role" ? [[one.body.boundaryArn, one.accountId] as const] : [])),
  );
  const read = await mapLimited([...places], readsAtATime, async ([arn, accountId]) => {
    const document = await reading(reader, () => managedPolicy(reader.readers.of(accountId).iam(), arn));
    return [arn, document] as const;
  });
  return new Map(read);
}

/** Where a grant has statements on the target, its policy was read with them. */
async function readPolicies(
  reader: ProofReader,
  targets: readonly TargetPlace[],
  seen: readonly Seen[],
): Promise<Map<string, PolicyDocument>> {
  const known = new Map(
    seen.flatMap(({ resource, observed }) =>
      resource.kind === "resource-policy-statements" && observed.surrounding
        ? [[resource.body.resourceArn, observed.surrounding] as const]
        : [],
    ),
  );
  const missing = targets.filter(({ arn }) => !known.has(arn));
  const read = await mapLimited(missing, readsAtATime, async ({ service, ...place }) => {
    const clients = reader.readers.of(place.accountId);
    const document = await reading(reader, () => policyStore(clients, service, place).read());
    return [place.arn, document] as const;
  });
  const found = read.flatMap(([arn, document]) => (document ? [[arn, document] as const] : []));
  return new Map([...known, ...found]);
}

function reading<T>({ deps, signal, withinMs }: ProofReader, work: () => Promise<T>): Promise<T> {
  return retrying(deps, { signal, withinMs }, () => inAws(signal, [], work));
}
