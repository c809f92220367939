import { listOf, type Statement } from "#lib/model/policy-document.ts";
import { parseDate } from "./operators.ts";
import { accountPrincipal, type CallerPrincipal, principalEntries } from "./principals.ts";

/**
 * Requests that a statement speaks of, made out of the statement itself: callers, actions, resources and contexts
 * that it matches, and contexts that it just misses. Each list holds enough to tell two statements apart that differ
 * in one element; it never holds everything.
 */

type Context = Record<string, string | string[]>;

/** An account and a name that no document of anybody has. */
const nowhere = "000000000000";
/** What stands in for a wildcard. */
const anything = "anything";

/** The calls that a trust policy is about. Source: IAM User Guide, "Actions defined by AWS STS". */
const trustActions = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"];

const wild = /[*?]/;

function sample(pattern: string): string {
  return pattern.replaceAll("*", anything).replaceAll("?", "x");
}

/** The callers that the statement names. A principal that was deleted (`AROA…`) is nobody any more. */
export function callersOf({ Principal, NotPrincipal }: Statement): CallerPrincipal[] {
  if (NotPrincipal !== undefined) return [anyone(nowhere)];
  return (principalEntries(Principal) ?? []).flatMap(([kind, value]) => callersNamed(kind, value));
}

function callersNamed(kind: string, value: string): CallerPrincipal[] {
  if (kind === "Federated") return [{ kind: "federated", provider: value }];
  if (kind === "Service") return [{ kind: "service", service: value }];
  if (kind !== "AWS") return [];
  if (value === "*") return [anyone(nowhere), { kind: "anonymous" }];
  const account = accountPrincipal(value);
  if (account) return [anyone(account.accountId, account.partition ?? "aws")];
  const [, partition = "aws", service, , accountId = nowhere, resource = ""] = value.split(":");
  if (resource.startsWith("user/")) return [{ kind: "user", arn: value, userId: "AIDAANYTHING", accountId }];
  const name = resource.split("/").slice(1);
  if (service === "iam" && name.length > 0) return [session(value, accountId, name.at(-1) ?? "")];
  if (service === "sts" && name.length === 2)
    return [{ ...anyone(accountId, partition), sessionArn: value } as CallerPrincipal];
  return [];
}

function session(roleArn: string, accountId: string, name: string): CallerPrincipal {
  const partition = roleArn.split(":")[1] ?? "aws";
  const sessionArn = `arn:${partition}:sts::${accountId}:assumed-role/${name}/${anything}`;
  return { kind: "role-session", roleArn, roleId: "AROAANYTHING", sessionArn, accountId };
}

/** Some role of the account. */
export function anyone(accountId: string, partition = "aws"): CallerPrincipal {
  return session(`arn:${partition}:iam::${accountId}:role/${anything}`, accountId, anything);
}

export function actionsOf({ Action, NotAction }: Statement, trust: boolean): string[] {
  const broad = trust ? trustActions : ["iam:CreateUser"];
  if (NotAction !== undefined) return broad;
  return listOf(Action).flatMap((action) =>
    !wild.test(action) ? [action] : trust || action === "*" ? broad : [sample(action)],
  );
}

/** @param beside resources that the statements of both sides name */
export function resourcesOf({ Resource, NotResource }: Statement, beside: readonly string[]): string[] {
  const elsewhere = `arn:aws:s3:::${anything}/${anything}`;
  if (NotResource !== undefined) return [elsewhere, ...beside.map(sample)];
  return listOf(Resource).flatMap((one) =>
    one === "*" ? [elsewhere, ...beside.map(sample)] : [sample(one)],
  );
}

/** Contexts that fulfil the statement's conditions, and for each key one without it and one with another value. */
export function contextsOf({ Condition = {} }: Statement): Context[] {
  const fulfilled: Context = {};
  const alternatives: Context[] = [];
  for (const [operator, keys] of Object.entries(Condition))
    for (const [key, value] of Object.entries(keys)) {
      const values = listOf(value).map(String);
      const texts = values.flatMap((text) => fulfilling(operator, text) ?? []);
      const [first, ...more] = texts;
      if (first === undefined) continue;
      fulfilled[key] = operator.startsWith("ForAllValues:") ? texts : first;
      alternatives.push(...more.map((text) => ({ [key]: text })));
      alternatives.push({ [key]: otherThan(first) });
    }
  return [
    fulfilled,
    ...alternatives.map((one) => ({ ...fulfilled, ...one })),
    ...Object.keys(fulfilled).map((gone) =>
      Object.fromEntries(Object.entries(fulfilled).filter(([key]) => key !== gone)),
    ),
  ];
}

/** A value that the operator takes; undefined: the key has to be absent. */
function fulfilling(operator: string, text: string): string | undefined {
  const name = operator
    .replace(/^For\w+:/, "")
    .replace(/IfExists$/, "")
    .toLowerCase();
  if (name === "null") return text.toLowerCase() === "true" ? undefined : anything;
  if (name.includes("not")) return otherThan(sample(text));
  if (name.startsWith("date"))
    return shiftedDate(text, name.includes("greater") ? 1 : name.includes("less") ? -1 : 0);
  if (name.startsWith("numeric"))
    return String(Number(text) + (name.includes("greater") ? 1 : name.includes("less") ? -1 : 0));
  if (name.startsWith("ip")) return text.split("/")[0];
  return sample(text);
}

function shiftedDate(text: string, seconds: number): string {
  const at = parseDate(text);
  return at === null ? text : new Date(at + seconds * 1000).toISOString();
}

function otherThan(text: string): string {
  const at = /^\d{4}-/.test(text) ? parseDate(text) : null;
  if (at !== null) return new Date(at + 10_000).toISOString();
  if (/^\d+(\.\d+){3}$/.test(text)) return "203.0.113.77";
  return text.toLowerCase() === "true"
    ? "false"
    : text.toLowerCase() === "false"
      ? "true"
      : `${text}-${anything}`;
}
