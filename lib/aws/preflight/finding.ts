import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, Observed, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Workload } from "#lib/model/workload.ts";
import { classify } from "../errors.ts";
import { explain, type Subject } from "../explain.ts";
import type { AccountClients } from "../sessions.ts";

export interface PreflightFinding {
  /** Stable, e.g. `role.foreign`; `unknown` when something could not be read. */
  id: string;
  /** `error`: provisioning would fail. */
  severity: "error" | "warning" | "info";
  accountId: AccountId;
  /** The resource it is about; absent for the account as a whole. */
  key?: string;
  title: string;
  detail: string;
  nextStep: string;
  /** What the next step speaks of, to be taken over as it is. */
  snippet?: { title: string; json: string } | undefined;
}

/** A target of the plan's grants: whatever the access pattern, it has to be there and let the role in. */
export interface PreflightTarget {
  arn: string;
  accountId: AccountId;
  region: string;
  /** Key of the service catalogue. */
  service: string;
}

export interface PreflightContext {
  clients: AccountClients;
  /** Of all accounts that can be looked at: the key behind a target may be in another. */
  clientsOf: ReadonlyMap<AccountId, AccountClients>;
  accountId: AccountId;
  installation: string;
  /** The desired resources of this account. */
  resources: readonly CloudResource[];
  /** Those of all accounts. */
  plan: readonly CloudResource[];
  /** Of this account. */
  targets: readonly PreflightTarget[];
  /** Whose access it is. */
  workload: Workload;
  /** All that any grant still owns: what of it is on a role of ours is not foreign. */
  known: readonly CloudResource[];
  /** Of the ids of grants those that this installation has made, now or ever. */
  knownGrants(ids: readonly string[]): Promise<ReadonlySet<string>>;
  look<K extends ResourceKind>(resource: CloudResource<K>): Promise<Observed<K>>;
  /** Repeats a check while AWS says that waiting may help. */
  patiently: <T>(check: () => Promise<T>) => Promise<T>;
}

/** The resources of one kind. */
export function ofKind<K extends ResourceKind>(
  resources: readonly CloudResource[],
  kind: K,
): CloudResource<K>[] {
  return resources.flatMap((resource) => (resource.kind === kind ? [resource as CloudResource<K>] : []));
}

/** The same finding with the place it is about. */
export function about(
  subject: Pick<Subject, "accountId" | "key">,
  finding: Omit<PreflightFinding, "accountId" | "key">,
): PreflightFinding {
  return { ...finding, accountId: subject.accountId, key: subject.key };
}

/** Runs a check; what can't be read is said, never left out. */
export async function orUnknown(
  { patiently }: Pick<PreflightContext, "patiently">,
  subject: Subject,
  what: string,
  check: () => Promise<PreflightFinding[]>,
): Promise<PreflightFinding[]> {
  try {
    return await patiently(check);
  } catch (error) {
    const { cause, nextStep } = explain(classify(error), subject);
    const title = `Could not check ${what}`;
    return [about(subject, { id: "unknown", severity: "warning", title, detail: cause, nextStep })];
  }
}

/** The findings of checks that are made side by side, in the order of the things they are about. */
export async function each<T>(
  items: Iterable<T>,
  check: (item: T) => Promise<PreflightFinding[]>,
): Promise<PreflightFinding[]> {
  return (await Promise.all([...items].map(check))).flat();
}
