import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { isRecord } from "./conditions.ts";
import { type ConditionPart, conditionPhraseWith, listPhrase, quote, shown } from "./describe-words.ts";
import { accountPrincipal, principalEntries } from "./principals.ts";

/**
 * One exact English sentence for a statement, trust or permission. The shapes that Drawbridge writes read as
 * prose; anything else is spelled out. Nothing is left out: what a known shape doesn't account for is added as a
 * further condition, and values that are not plain names are quoted, so that none can pass for prose.
 */
export function sentence(statement: Statement): string {
  return toldWith(statement, true);
}

/** @param variables whether the document's Version has policy variables */
function toldWith(statement: Statement, variables: boolean): string {
  const conditions = conditionParts(statement);
  for (const shape of SHAPES) {
    const told = shape(statement, conditions);
    if (told !== null) return finish(told.text, told.rest, variables);
  }
  return finish(generalText(statement), conditions, variables);
}

/**
 * The sentences of a document, one a statement. Only Version 2012-10-17 has policy variables: where a statement of an
 * older or unknown Version looks as if it had some, that is said.
 */
export function sentences(document: PolicyDocument): string[] {
  const version: string | undefined = document.Version;
  return statementsOf(document).map((statement) => {
    const text = toldWith(statement, version === "2012-10-17");
    if (version === "2012-10-17") return text;
    const known = version === undefined || version === "2008-10-17";
    if (!known) return `In a document of the unknown Version ${quote(String(version))}: ${text}`;
    return JSON.stringify(statement).includes("${")
      ? `In a document whose Version takes what stands in \${…} as plain text: ${text}`
      : text;
  });
}

interface Told {
  text: string;
  /** conditions that the text does not mention */
  rest: ConditionPart[];
}

function finish(text: string, rest: ConditionPart[], variables: boolean): string {
  const phrases = rest.map((part) => conditionPhraseWith(part, variables));
  return phrases.length === 0 ? `${text}.` : `${text}, only if ${phrases.join(", and ")}.`;
}

/** The conditions of a statement, each in words. */
export function conditionPhrases(statement: Statement): string[] {
  return conditionParts(statement).map((part) => conditionPhraseWith(part, true));
}

/** What is no condition at all stands for itself, so that nothing of a malformed block is lost. */
function conditionParts({ Condition }: Statement): ConditionPart[] {
  if (Condition === undefined) return [];
  if (!isRecord(Condition)) return [{ malformed: `the malformed condition ${shown(Condition)} holds` }];
  return Object.entries(Condition as Record<string, unknown>).flatMap(([operator, keys]): ConditionPart[] => {
    if (!isRecord(keys) || Object.keys(keys).length === 0)
      return [{ malformed: `the operator ${quote(operator)} with ${shown(keys)} holds` }];
    return Object.entries(keys).map(([key, value]) => {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      return {
        operator,
        key,
        values: list.map((one) => (isScalar(one) ? String(one) : JSON.stringify(one))),
      };
    });
  });
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Names that may stand in prose as they are: no spaces, quotes, wildcards or variables. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:/@+=-]*$/;

/**
 * Takes `StringEquals key = one plain value` out of the conditions; null when it is not exactly that.
 */
function take(conditions: ConditionPart[], key: string): { value: string; rest: ConditionPart[] } | null {
  const found = conditions.filter((one) => !("malformed" in one) && one.key === key);
  const [only] = found;
  if (only === undefined || "malformed" in only || found.length > 1 || only.values.length !== 1) return null;
  const [value = ""] = only.values;
  if (only.operator !== "StringEquals" || !PLAIN.test(value)) return null;
  return { value, rest: conditions.filter((one) => one !== only) };
}

/** The single principal and the actions of an Allow that has nothing else but conditions; null otherwise. */
function trustOf(statement: Statement): { kind: string; principal: string; actions: string } | null {
  const names = Object.keys(statement).filter((name) => name !== "Sid" && name !== "Condition");
  const [entry, ...others] = principalEntries(statement.Principal) ?? [];
  if (statement.Effect !== "Allow" || names.length !== 3 || statement.Action === undefined) return null;
  if (entry === undefined || others.length > 0 || !PLAIN.test(entry[1])) return null;
  return { kind: entry[0], principal: entry[1], actions: listOf(statement.Action).toSorted().join(" ") };
}

type Shape = (statement: Statement, conditions: ConditionPart[]) => Told | null;

/** IRSA and OIDC federation: provider, audience and subject. */
const webIdentity: Shape = (statement, conditions) => {
  const trust = trustOf(statement);
  if (trust?.kind !== "Federated" || trust.actions !== "sts:AssumeRoleWithWebIdentity") return null;
  const found = /^arn:(aws(?:-[a-z-]+)?):iam::(\d{12}):oidc-provider\/(.+)$/.exec(trust.principal);
  if (found === null) return null;
  const [, partition, accountId, issuer] = found;
  const audience = take(conditions, `${issuer}:aud`);
  const subject = audience && take(audience.rest, `${issuer}:sub`);
  const pod = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/.exec(subject?.value ?? "");
  if (audience === null || subject === null || pod === null) return null;
  const text = `Pods using the service account ${pod[2]} in namespace ${pod[1]} of the cluster with issuer ${issuer} can assume this role with a web identity token whose audience is ${audience.value}, through the identity provider in account ${accountId}${partition === "aws" ? "" : ` of the partition ${partition}`}`;
  return { text, rest: subject.rest };
};

/** Pod Identity: the service, and the three tags that name the workload. */
const podIdentity: Shape = (statement, conditions) => {
  const trust = trustOf(statement);
  if (trust?.kind !== "Service" || trust.principal !== "pods.eks.amazonaws.com") return null;
  if (trust.actions !== "sts:AssumeRole sts:TagSession") return null;
  const cluster = take(conditions, "aws:RequestTag/eks-cluster-arn");
  const namespace = cluster && take(cluster.rest, "aws:RequestTag/kubernetes-namespace");
  const account = namespace && take(namespace.rest, "aws:RequestTag/kubernetes-service-account");
  if (cluster === null || namespace === null || account === null) return null;
  const text = `Pods using the service account ${account.value} in namespace ${namespace.value} of the cluster ${cluster.value} can assume this role through EKS Pod Identity, which tags the session`;
  return { text, rest: account.rest };
};

/** Role chaining: one role, with or without an external id. */
const chained: Shape = (statement, conditions) => {
  const trust = trustOf(statement);
  if (trust?.kind !== "AWS" || trust.actions !== "sts:AssumeRole") return null;
  if (!/^arn:[^:]+:iam::\d{12}:role\//.test(trust.principal)) return null;
  const external = take(conditions, "sts:ExternalId");
  const text = `Sessions of the role ${trust.principal} can assume this role`;
  return external === null
    ? { text, rest: conditions }
    : { text: `${text} with the external id ${external.value}`, rest: external.rest };
};

const SHAPES: Shape[] = [webIdentity, podIdentity, chained];

const KNOWN = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

const verbs: ReadonlyMap<unknown, string> = new Map([
  ["Allow", "Allows"],
  ["Deny", "Denies"],
]);

/** Who, what and on what, every element as written. */
function generalText(statement: Statement): string {
  const verb = verbs.get(statement.Effect) ?? `Has the unknown effect ${shown(statement.Effect)} for`;
  const parts = [
    `${verb} ${principalPhrase(statement)}`,
    ...elementPhrases("to perform", "any action except", statement.Action, statement.NotAction),
    ...elementPhrases("on", "any resource except", statement.Resource, statement.NotResource),
    ...Object.entries(statement)
      .filter(([name]) => !KNOWN.includes(name))
      .map(([name, value]) => `with the unknown element ${quote(name)} ${shown(value)}`),
  ];
  return parts.join(" ");
}

function principalPhrase(statement: Statement): string {
  const phrases: string[] = [];
  if (statement.Principal !== undefined)
    phrases.push(principalList(statement.Principal, wholeAccounts.get(statement.Effect)));
  if (statement.NotPrincipal !== undefined) {
    phrases.push(`everyone except ${principalList(statement.NotPrincipal)}`);
  }
  return phrases.length === 0 ? "the identity that carries this policy" : phrases.join(" and ");
}

const KIND_WORDS: ReadonlyMap<string, string> = new Map([
  ["AWS", ""],
  ["Service", "the service "],
  ["Federated", "the identity provider "],
  ["CanonicalUser", "the canonical user "],
]);

/**
 * The root of an account as a principal is not its root user: an Allow "delegates authority to the account", whose
 * administrators then decide, and a Deny is for all in it.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal", "AWS account principals".
 */
const wholeAccounts: ReadonlyMap<unknown, (accountId: string) => string> = new Map([
  ["Allow", (accountId) => `anyone in account ${accountId} whom that account lets`],
  ["Deny", (accountId) => `everyone in account ${accountId}`],
]);

function principalList(principal: unknown, wholeAccount?: (accountId: string) => string): string {
  const entries = principalEntries(principal);
  if (entries === null) return `the malformed principal ${shown(principal)}`;
  const names = entries.map(([kind, value]) => {
    if (kind === "AWS" && value === "*") return "everyone, signed in or not,";
    const account = kind === "AWS" ? accountPrincipal(value) : null;
    if (account !== null && wholeAccount !== undefined)
      return `${wholeAccount(account.accountId)} (${quote(value)})`;
    return `${KIND_WORDS.get(kind) ?? `${quote(kind)} `}${quote(value)}`;
  });
  return listPhrase(names, "and");
}

function elementPhrases(
  word: string,
  except: string,
  plain: string | string[] | undefined,
  negated: string | string[] | undefined,
): string[] {
  const phrases: string[] = [];
  if (plain !== undefined) phrases.push(`${word} ${listPhrase(listOf(plain).map(quote), "and")}`);
  if (negated !== undefined)
    phrases.push(`${word} ${except} ${listPhrase(listOf(negated).map(quote), "and")}`);
  return phrases;
}
