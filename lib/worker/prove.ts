import type { Subject } from "#lib/aws/explain.ts";
import { readKey } from "#lib/aws/keys.ts";
import { mapLimited } from "#lib/aws/limiter.ts";
import { managedPolicy } from "#lib/aws/managed-policy.ts";
import { policyStore } from "#lib/aws/policies/store.ts";
import { keysBehind, roleIdsOf } from "#lib/desired/proof/documents.ts";
import { proveAccess } from "#lib/desired/proof/prove-access.ts";
import { type TargetPlace, targetPlaces } from "#lib/desired/targets.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import type { KeyFacts } from "#lib/model/key-facts.ts";
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
  /** Read a moment ago, by ARN: not read again. */
  boundaries?: ReadonlyMap<string, PolicyDocument>;
}

/** What is asked: of these grants, with what is desired of all grants of their cluster. */
export interface ToProve {
  grants: readonly Grant[];
  estate: Estate;
  desired: readonly CloudResource[];
}

/** What stands around the grants' own documents, by ARN. */
export interface Around {
  boundaries: ReadonlyMap<string, PolicyDocument>;
  policies: ReadonlyMap<string, PolicyDocument>;
  keys: ReadonlyMap<string, KeyFacts>;
}

/**
 * Reads the boundaries of the roles, the keys behind the targets, and the policies of the targets, but of those on which
 * the resources have statements: their policies are read with them. A key that AWS does not show, or whose account is
 * not registered, stays unknown, and with it the access that needs it.
 */
export async function readAround(
  reader: ProofReader,
  { grants, estate }: Pick<ToProve, "grants" | "estate">,
  resources: readonly CloudResource[],
): Promise<Around> {
  const [boundaries, policies, keys] = await Promise.all([
    boundariesOf(reader, resources),
    readPolicies(reader, targetPlaces(grants, estate), resources),
    readKeys(reader, grants, estate),
  ]);
  return { boundaries, policies, keys };
}

/**
 * Who gets in, by the evaluator over the documents as they were read back: for each of the grants. Only what is
 * provisioned is asked about.
 */
export async function prove(
  { deps }: Pick<ProofReader, "deps">,
  { grants, estate, desired }: ToProve,
  seen: readonly Seen[],
  around: Around,
): Promise<Map<GrantId, ProvenRow[]>> {
  const now = await databaseNow(deps.prisma);
  const shared = seen.flatMap(({ resource, observed }) =>
    resource.kind === "resource-policy-statements" && observed.surrounding
      ? [[resource.body.resourceArn, observed.surrounding] as const]
      : [],
  );
  const documents = {
    resources: presentOf(seen),
    boundaries: around.boundaries,
    roleIds: roleIdsOf(
      seen.map(({ resource }) => resource),
      Object.fromEntries(seen.map(({ resource, observed }) => [resource.key, observed])),
    ),
    policies: new Map([...around.policies, ...shared]),
    keys: keysBehind(grants, estate, around.keys),
  };
  return new Map(
    grants.map((grant) => [grant.id, proveAccess(grant, desired, documents, now.toISOString())]),
  );
}

/** What is there, as it is there. */
export function presentOf(seen: readonly Seen[]): CloudResource[] {
  return seen.flatMap(({ resource, observed }) =>
    observed.state === "present" ? [{ ...resource, body: observed.body } as CloudResource] : [],
  );
}

async function boundariesOf(
  reader: ProofReader,
  resources: readonly CloudResource[],
): Promise<Map<string, PolicyDocument>> {
  const places = new Map(
    resources.flatMap((one) =>
      one.kind === "role" && one.body.boundaryArn !== ""
        ? [[one.body.boundaryArn, one.accountId] as const]
        : [],
    ),
  );
  const known = reader.boundaries ?? new Map<string, PolicyDocument>();
  const missing = [...places].filter(([arn]) => !known.has(arn));
  const read = await mapLimited(missing, readsAtATime, async ([arn, accountId]) => {
    const document = await reading(reader, { kind: "boundary", accountId, key: arn }, () =>
      managedPolicy(reader.readers.of(accountId).iam(), arn),
    );
    return [arn, document] as const;
  });
  return new Map([...known, ...read]);
}

async function readPolicies(
  reader: ProofReader,
  targets: readonly TargetPlace[],
  resources: readonly CloudResource[],
): Promise<Map<string, PolicyDocument>> {
  const known = new Set(
    resources.flatMap((one) => (one.kind === "resource-policy-statements" ? [one.body.resourceArn] : [])),
  );
  const missing = targets.filter(({ arn }) => !known.has(arn));
  const read = await mapLimited(missing, readsAtATime, async ({ service, ...place }) => {
    const clients = reader.readers.of(place.accountId);
    const about = { kind: "target", accountId: place.accountId, key: place.arn };
    const document = await reading(reader, about, () => policyStore(clients, service, place).read());
    return [place.arn, document] as const;
  });
  return new Map(read.flatMap(([arn, document]) => (document ? [[arn, document] as const] : [])));
}

async function readKeys(
  reader: ProofReader,
  grants: readonly Grant[],
  estate: Estate,
): Promise<Map<string, KeyFacts>> {
  const behind = new Map([...keysBehind(grants, estate).values()].map((key) => [key.arn, key.accountId]));
  const readable = [...behind].filter(([, accountId]) => findAccount(estate, accountId));
  const read = await mapLimited(readable, readsAtATime, async ([arn, accountId]) => {
    const { facts } = await reading(reader, { kind: "key", accountId, key: arn }, () =>
      readKey(reader.readers.of(accountId), arn),
    );
    return [arn, facts] as const;
  });
  return new Map(read);
}

function reading<T>(
  { deps, signal, withinMs }: ProofReader,
  about: Subject,
  work: () => Promise<T>,
): Promise<T> {
  return retrying(deps, { signal, withinMs }, () => inAws(signal, [], work, about));
}
