import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
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
}

export interface PreflightContext {
  clients: AccountClients;
  accountId: AccountId;
  installation: string;
  /** The desired resources of this account. */
  resources: readonly CloudResource[];
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
  subject: Subject,
  what: string,
  check: () => Promise<PreflightFinding[]>,
): Promise<PreflightFinding[]> {
  try {
    return await check();
  } catch (error) {
    const { cause, nextStep } = explain(classify(error), subject);
    const title = `Could not check ${what}`;
    return [about(subject, { id: "unknown", severity: "warning", title, detail: cause, nextStep })];
  }
}
