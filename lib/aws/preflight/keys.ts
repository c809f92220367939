import { delegatingStatement, keyCalls, readingStatement } from "#lib/desired/proof/key-use.ts";
import type { KeyBehind } from "#lib/desired/proof/reachable-sessions.ts";
import { ofUsing } from "#lib/desired/proof/surroundings.ts";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import { accountOfKey, isKeyArn } from "#lib/model/key-facts.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { act, type Hop, type Surroundings } from "#lib/policy/path.ts";
import type { CallerPrincipal } from "#lib/policy/principals.ts";
import { classify } from "../errors.ts";
import { explain } from "../explain.ts";
import { readKey } from "../keys.ts";
import { about, ofKind, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { intendedOn } from "./intended.ts";
import type { CheckedTarget } from "./targets.ts";

/**
 * The key behind the target, as it is now: the plan was made from what the inventory saw. A role of another account
 * can never use an AWS managed key. A customer managed one has to be usable, and its own policy has to let the role in,
 * or to leave that to the account's IAM policies.
 *
 * Source: KMS Developer Guide, "AWS managed keys", "Key policies in AWS KMS" and "Key states of AWS KMS keys".
 *
 * @param encryption the key's ARN, `aws-managed`, or null for a service's own encryption
 */
export async function keyFindings(
  context: PreflightContext,
  target: CheckedTarget,
  encryption: string | null,
): Promise<PreflightFinding[]> {
  if (encryption === null || isNotUsed(context, target)) return [];
  const crossesAccounts = target.statements.length > 0;
  const ofAws = () => (crossesAccounts ? [notShared(target)] : []);
  if (encryption === "aws-managed") return ofAws();
  const clients = isKeyArn(encryption) ? context.clientsOf.get(accountOfKey(encryption)) : undefined;
  const seen = clients && (await readKey(clients, encryption));
  if (seen?.awsManaged) return ofAws();
  if (!opens(context, encryption)) return [notOpened(target, encryption)];
  if (!seen) return [unread(target, encryption, elsewhere(encryption))];
  const { facts, refused } = seen;
  const key = { arn: encryption, accountId: accountOfKey(encryption), region: target.region };
  return [
    ...(facts.unusable === undefined ? [] : [cannotBeUsed(target, facts.unusable)]),
    ...(facts.policy ? policyFindings(context, target, key, facts.policy) : []),
    ...(refused === null ? [] : [unread(target, encryption, notShown(target, key, refused, context))]),
  ];
}

/** Whether nothing that is asked for makes the service use a key: listing a bucket, or deleting a message. */
function isNotUsed(context: PreflightContext, target: CheckedTarget): boolean {
  const service = serviceOf(target.service);
  const intended = intendedOn(context, target);
  return (
    service !== undefined &&
    intended.length > 0 &&
    intended.every(({ action }) => service.keyActions(action).length === 0)
  );
}

/** Whether some role of the plan may use the key. */
function opens({ plan }: PreflightContext, keyArn: string): boolean {
  return ofKind(plan, "role-policy").some(({ body }) =>
    statementsOf(body.document).some(
      ({ Action, Resource }) =>
        listOf(Action).some((action) => action.startsWith("kms:")) && listOf(Resource).includes(keyArn),
    ),
  );
}

/** The IAM side is the plan's, and is compared elsewhere: here it allows all, so that the key's policy alone decides. */
const allOfIam: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }],
};

/**
 * What the key's policy says to the uses that the target's service will make of it for the plan's roles. One that is
 * certain to be refused is an error; one that hangs on what nobody knows here, a warning.
 */
function policyFindings(
  context: PreflightContext,
  target: CheckedTarget,
  key: KeyBehind,
  policy: PolicyDocument,
): PreflightFinding[] {
  const now = new Date().toISOString();
  const identity = [{ name: "the role's policies", document: allOfIam }];
  const hops = intendedOn(context, target).flatMap(({ principal, action, resource }) =>
    keyCalls(target.arn, { action, resource }, { ...key, policy }).map((call) =>
      act(principal, { identity }, call, surroundingsOf(context, principal, now)),
    ),
  );
  const of = (effect: Hop["decision"]["effect"]) => hops.filter(({ decision }) => decision.effect === effect);
  const open = of("unknown");
  const openDenies = open.filter((hop) => denying(hop).length > 0);
  return [
    ...found(of("explicit-deny"), (all) => denied(target, key, all)),
    ...found(of("implicit-deny"), (all) => notDelegated(context, target, key, all)),
    ...found(openDenies, (all) => maybeDenied(target, key, all)),
    ...found(
      open.filter((hop) => !openDenies.includes(hop)),
      (all) => maybeNotDelegated(target, key, all),
    ),
  ];
}

/** The role's own tags are known; those that its sessions will be given, as the Pod Identity agent gives some, are not. */
function surroundingsOf({ plan }: PreflightContext, principal: CallerPrincipal, now: string): Surroundings {
  const { context, absentKeys = [], ...rest } = ofUsing(now, "pod");
  const arn = principal.kind === "role-session" ? principal.roleArn : "";
  const tags = ofKind(plan, "role").find(({ key }) => key === arn)?.body.tags ?? {};
  const ofTags = Object.entries(tags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]);
  return {
    ...rest,
    context: { ...context, ...Object.fromEntries(ofTags) },
    absentKeys: absentKeys.filter((one) => !one.startsWith("aws:PrincipalTag/")),
  };
}

function found(
  hops: readonly Hop[],
  finding: (hops: readonly Hop[]) => PreflightFinding,
): PreflightFinding[] {
  return hops.length > 0 ? [finding(hops)] : [];
}

const actionsOf = (hops: readonly Hop[]) => [...new Set(hops.map(({ action }) => action))].sort();

/** The Denies that decide, or that may. */
function denying({ decision }: Hop): string[] {
  return decision.trace
    .filter(({ effect, matched, open }) => effect === "Deny" && (matched || open !== undefined))
    .map(({ sid, index }) => sid ?? `statement ${index + 1}`);
}

const names = (hops: readonly Hop[]) =>
  [...new Set(hops.flatMap(denying))].map((name) => `"${name}"`).join(", ");

function dependsOn(hops: readonly Hop[]): string {
  return [...new Set(hops.flatMap(({ decision }) => decision.dependsOn ?? []))].join(", ");
}

/** As they stand in the list of a policy's statements. */
function toAdd(...statements: Statement[]): NonNullable<PreflightFinding["snippet"]> {
  const json = statements.map((statement) => JSON.stringify(statement, null, 2)).join(",\n");
  return { title: "To add to the key's policy", json };
}

function delegating(
  { clients }: Pick<PreflightContext, "clients">,
  { service }: CheckedTarget,
  key: KeyBehind,
  actions: readonly string[],
): Statement {
  return delegatingStatement(key, { service, partition: clients.account.partition }, actions);
}

function notOpened(target: CheckedTarget, keyArn: string): PreflightFinding {
  return about(target, {
    id: "key.not-opened",
    severity: "error",
    title: "The key that encrypts the resource is not part of the plan",
    detail: `${target.arn} is encrypted with ${keyArn}, and no permission in the plan opens it.`,
    nextStep:
      "Sync the account's inventory, then submit the request again with a role in the target account (auto does).",
  });
}

function cannotBeUsed(target: CheckedTarget, why: string): PreflightFinding {
  return about(target, {
    id: "key.unusable",
    severity: "error",
    title: "The key that encrypts the resource can't be used",
    detail: `Of ${target.arn} nothing can be read or written: ${why}.`,
    nextStep:
      "Ask the key's owner to enable it, or to cancel its deletion; what a deleted key encrypted is lost for good.",
  });
}

function denied(target: CheckedTarget, { arn }: KeyBehind, hops: readonly Hop[]): PreflightFinding {
  return about(target, {
    id: "key.deny",
    severity: "error",
    title: "A Deny in the key's policy defeats this grant",
    detail: `${names(hops)} in the policy of ${arn} denies ${actionsOf(hops).join(", ")} to the workload's role.`,
    nextStep: "Ask the key's owner to spare the role; an explicit Deny always wins.",
  });
}

function maybeDenied(target: CheckedTarget, { arn }: KeyBehind, hops: readonly Hop[]): PreflightFinding {
  return about(target, {
    id: "key.deny",
    severity: "warning",
    title: "A Deny in the key's policy may undo this grant",
    detail: `${names(hops)} in the policy of ${arn} denies ${actionsOf(hops).join(", ")} under some conditions: it depends on ${dependsOn(hops)}.`,
    nextStep:
      "Ask the key's owner whether the Deny is meant for this workload; an explicit Deny always wins.",
  });
}

function notDelegated(
  context: PreflightContext,
  target: CheckedTarget,
  key: KeyBehind,
  hops: readonly Hop[],
): PreflightFinding {
  const actions = actionsOf(hops);
  return about(target, {
    id: "key.not-delegated",
    severity: "error",
    title: "The key's policy does not let the role use it",
    detail: `The policy of ${key.arn} neither names the workload's role nor leaves ${actions.join(", ")} to the IAM policies of account ${key.accountId}, so that what the plan gives the role counts for nothing.`,
    nextStep: "Ask the key's owner to add this statement to its policy, then submit again.",
    snippet: toAdd(delegating(context, target, key, actions)),
  });
}

function maybeNotDelegated(
  target: CheckedTarget,
  { arn }: KeyBehind,
  hops: readonly Hop[],
): PreflightFinding {
  return about(target, {
    id: "key.not-delegated",
    severity: "warning",
    title: "The key's policy lets the role use it under some conditions only",
    detail: `The policy of ${arn} allows ${actionsOf(hops).join(", ")} depending on ${dependsOn(hops)}.`,
    nextStep:
      "Ask the key's owner whether that holds for this workload; the check from inside the pod settles it.",
  });
}

type Unread = Pick<PreflightFinding, "detail" | "nextStep" | "snippet">;

function unread(target: CheckedTarget, keyArn: string, words: Unread): PreflightFinding {
  return about(target, {
    id: "key.unread",
    severity: "warning",
    title: "The key that encrypts the resource could not be looked at",
    detail: `The plan lets the role use ${keyArn}, and whether the key's own policy does is not known. ${words.detail}`,
    nextStep: words.nextStep,
    ...(words.snippet ? { snippet: words.snippet } : {}),
  });
}

function elsewhere(keyArn: string): Unread {
  return {
    detail: `Account ${accountOfKey(keyArn)} is not among those that could be looked at.`,
    nextStep: "Make sure with the key's owner that its policy has the statement for the account's root.",
  };
}

/** A key that leaves nothing to IAM does not let the provisioner look either: then the template is not to blame. */
function notShown(
  target: CheckedTarget,
  key: KeyBehind,
  refused: unknown,
  context: PreflightContext,
): Unread {
  const error = classify(refused);
  const { cause, nextStep } = explain(error, { kind: "key", accountId: key.accountId, key: key.arn });
  if (!/no resource-based policy/.test(error.message)) return { detail: cause, nextStep };
  return {
    detail: `${cause} Then it may well leave nothing to the account's IAM policies, and refuse the role too.`,
    nextStep:
      "Ask the key's owner whether its policy lets the account's roles use it through the service. These statements let Drawbridge look, and them use it.",
    snippet: toAdd(
      readingStatement(context.clients.account.provisionerRoleArn),
      delegating(context, target, key, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ),
  };
}

function notShared(target: CheckedTarget): PreflightFinding {
  return about(target, {
    id: "key.aws-managed",
    severity: "error",
    title: "The encryption key can't be shared",
    detail: "The default key is AWS managed; no role of another account can use it.",
    nextStep:
      "Choose a role in the target account (auto does), or ask the owner to encrypt with a customer managed key.",
  });
}
