import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, Observed, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { ControllerContext } from "./controller.ts";
import { controllerFor } from "./controllers.ts";
import { type AccessAnalyzerInput, askAccessAnalyzer } from "./preflight/access-analyzer.ts";
import { checkBoundary } from "./preflight/boundary.ts";
import { checkAssociations } from "./preflight/eks.ts";
import {
  orUnknown,
  type PreflightContext,
  type PreflightFinding,
  type PreflightTarget,
} from "./preflight/finding.ts";
import { checkIam, checkProviders } from "./preflight/iam.ts";
import { checkTargets } from "./preflight/targets.ts";
import type { AccountClients } from "./sessions.ts";
import { createWait } from "./wait.ts";

export type { PreflightFinding, PreflightTarget } from "./preflight/finding.ts";

const severities = ["error", "warning", "info"] as const;

export interface PreflightInput {
  /** The clients of each account that the resources and targets are in; an account without is `unknown`. */
  clientsOf: ReadonlyMap<AccountId, AccountClients>;
  installation: string;
  /** What the grants own or need. */
  resources: readonly CloudResource[];
  targets: readonly PreflightTarget[];
  /** Whose access it is. */
  workload: Workload;
  /** All that any grant still owns, these included: what of it is on a role of ours is not foreign. */
  known: readonly CloudResource[];
  knownGrants: PreflightContext["knownGrants"];
  /** How a resource is looked at; a run shares its own look. */
  look?: (resource: CloudResource) => Promise<Observed>;
  /** Repeats a check while AWS says that waiting may help; absent: each is made once. */
  patiently?: PreflightContext["patiently"];
  /** Absent: Access Analyzer is not asked. */
  accessAnalyzer?: AccessAnalyzerInput;
  /**
   * The access stands by its approval, and what is missing of it is put back: only what it rests on and others keep is
   * looked at, the boundaries and the providers. Names and service accounts are its own, its size has fitted, policies
   * of others on its roles go, and what the targets' policies refuse shows in the proof.
   */
  standing?: boolean;
}

/**
 * Looks in AWS, before anybody approves and again before anything is changed, at what the plan would meet: names that
 * are taken, service accounts that are bound, quotas, what is wider than approved, missing or foreign resources,
 * policies that would undo the grant. Reads only, side by side. What can't be read is a finding of its own
 * (`unknown`), never silence. Worst first.
 */
export async function preflight(input: PreflightInput): Promise<PreflightFinding[]> {
  const { resources, targets, workload } = input;
  const accounts = new Set([...resources, ...targets, workload.cluster].map(({ accountId }) => accountId));
  const found = await Promise.all([...accounts].map((accountId) => checkAccount(input, accountId)));
  return found.flat().sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

async function checkAccount(input: PreflightInput, accountId: AccountId): Promise<PreflightFinding[]> {
  const { installation, resources, targets, workload, known, knownGrants } = input;
  const clients = input.clientsOf.get(accountId);
  if (!clients) {
    return [
      {
        id: "unknown",
        severity: "warning",
        accountId,
        title: "Could not check the account",
        detail: `Account ${accountId} is not registered, so nothing in it could be looked at.`,
        nextStep: "Register the account, then submit the request again.",
      },
    ];
  }
  const context: PreflightContext = {
    clients,
    clientsOf: input.clientsOf,
    accountId,
    installation,
    resources: resources.filter((one) => one.accountId === accountId),
    plan: resources,
    targets: targets.filter((one) => one.accountId === accountId),
    workload,
    known,
    knownGrants,
    look: lookOf(input.look ?? observing({ clients, installation, wait })),
    patiently: input.patiently ?? ((check) => check()),
  };
  if (input.standing) return (await Promise.all([checkProviders(context), checkBoundary(context)])).flat();
  const subject = { kind: "account", accountId, key: `account ${accountId}` };
  const sections = await Promise.all([
    orUnknown(context, subject, "roles and OIDC providers", () => checkIam(context)),
    checkBoundary(context),
    orUnknown(context, subject, "Pod Identity associations", () => checkAssociations(context)),
    orUnknown(context, subject, "the targets", () => checkTargets(context)),
    input.accessAnalyzer ? askAccessAnalyzer(input.accessAnalyzer, context) : [],
  ]);
  return sections.flat();
}

const wait = createWait({ deadlineMs: 0 });

/** Each resource is looked at once, however many checks ask. */
function observing(context: ControllerContext) {
  const seen = new Map<string, Promise<Observed>>();
  return (resource: CloudResource): Promise<Observed> => {
    const looking = seen.get(resource.key) ?? controllerFor(resource).observe(context, resource);
    seen.set(resource.key, looking);
    return looking;
  };
}

/** What is seen of a resource is of its own kind: it is looked up by its key, and keys name one kind only. */
function lookOf(look: (resource: CloudResource) => Promise<Observed>): PreflightContext["look"] {
  return <K extends ResourceKind>(resource: CloudResource<K>) =>
    look(resource as unknown as CloudResource) as Promise<Observed<K>>;
}
