import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { isRecord } from "../conditions.ts";
import {
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type NamedPolicy,
  type PolicySet,
  type UnreadPolicy,
} from "../evaluate.ts";
import { foldCase } from "../glob.ts";
import { parsePolicyJson } from "../parse.ts";
import { type CallerPrincipal, principalContext } from "../principals.ts";
import { readCaller } from "./caller.ts";
import { documentNames, type PlaygroundDocument, type PlaygroundQuestion } from "./state.ts";

/** What of the request is missing or can't be read; an empty text: nothing was typed. */
export type QuestionProblems = Partial<Record<"caller" | "action" | "resource" | "resourceAccount", string>>;

export type NotGiven = "identity" | "resource";

/** The decision and the request that it is about, or what has to be typed first. */
export type PlaygroundAnswer =
  | {
      ok: true;
      decision: Decision;
      request: EvaluationRequest;
      unreadable: string[];
      /** Of an implicit denial: whose policies were taken for none, as there are none here. */
      notGiven: NotGiven[];
    }
  | { ok: false; problems: QuestionProblems };

/**
 * Decides what is in the playground. A document that can't be read hides no other: it takes part as one that nobody has
 * read, so that the answer hangs on it.
 *
 * @param now ISO 8601: `aws:CurrentTime` where no row gives one
 */
export function answer(
  documents: readonly PlaygroundDocument[],
  question: PlaygroundQuestion,
  now: string,
): PlaygroundAnswer {
  const read = readQuestion(question, now);
  if ("problems" in read) return { ok: false, problems: read.problems };
  const { policies, unreadable } = readDocuments(documents);
  const isTrust = documents.some(({ kind }) => kind === "trust");
  const decide = isTrust ? evaluateTrust : evaluate;
  const decision = decide(read.request, policies, { explain: true });
  const isOpen = (added: readonly NotGiven[]) =>
    decide(read.request, withAll(policies, added), {}).effect !== "implicit-deny";
  const notGiven =
    decision.effect === "implicit-deny" ? helping(missing(documents, read.request), isOpen) : [];
  return { ok: true, decision, request: read.request, unreadable, notGiven };
}

/** Of what is missing that which would help: by itself, or where all together are needed. */
function helping(kinds: readonly NotGiven[], isOpen: (added: readonly NotGiven[]) => boolean): NotGiven[] {
  const alone = kinds.filter((kind) => isOpen([kind]));
  return alone.length > 0 || !isOpen(kinds) ? alone : [...kinds];
}

const everything = { Effect: "Allow", Action: "*", Resource: "*" } as const;

/** As if there were policies of these kinds that allow everything. */
function withAll(policies: PolicySet, kinds: readonly NotGiven[]): PolicySet {
  const document = (statement: Statement): NamedPolicy => ({
    name: "any",
    document: { Version: "2012-10-17", Statement: [statement] },
  });
  return {
    ...policies,
    ...(kinds.includes("identity") ? { identity: [...(policies.identity ?? []), document(everything)] } : {}),
    ...(kinds.includes("resource") ? { resource: document({ ...everything, Principal: "*" }) } : {}),
  };
}

/** Policies that may allow and are not here: of the caller, if they can have any, and of what is asked for. */
function missing(
  documents: readonly PlaygroundDocument[],
  { principal: { kind: caller }, resource }: EvaluationRequest,
): NotGiven[] {
  const has = (...kinds: PlaygroundDocument["kind"][]) =>
    documents.some(({ kind, text }) => kinds.includes(kind) && text.trim() !== "");
  const owns = caller === "user" || caller === "role-session";
  return [
    ...(owns && !has("identity") ? ["identity" as const] : []),
    // Actions without a resource have no policy of one.
    ...(has("resource", "trust") || resource === "*" ? [] : ["resource" as const]),
  ];
}

function readQuestion(
  { caller: typed, context: rows, others, ...asked }: PlaygroundQuestion,
  now: string,
): { request: EvaluationRequest } | { problems: QuestionProblems } {
  const read = readCaller(typed);
  const action = asked.action.trim();
  const resource = asked.resource.trim();
  const resourceAccount = asked.resourceAccount.trim() || accountOfArn(resource);
  const problems: QuestionProblems = {
    ...(read.ok ? {} : { caller: read.problem }),
    ...(/^[\w-]+:\w+$/.test(action)
      ? {}
      : { action: action === "" ? "" : "This is not one action, such as s3:GetObject." }),
    ...(resource === "*" || /^arn:[\w-]+:[\w-]+:[^:]*:[^:]*:./.test(resource)
      ? {}
      : { resource: resource === "" ? "" : "This is not an ARN, nor the * of actions without a resource." }),
    ...(/^\d{12}$/.test(resourceAccount)
      ? {}
      : { resourceAccount: resourceAccount === "" ? "" : "An account id has 12 digits." }),
  };
  if (!read.ok || Object.keys(problems).length > 0) return { problems };
  const named = rows.filter(({ key }) => key.trim() !== "");
  const own = new Set(named.map(({ key }) => foldCase(key.trim())));
  const filled = Object.entries(known(read.caller, resourceAccount, now));
  const context = {
    ...Object.fromEntries(filled.filter(([key]) => !own.has(foldCase(key)))),
    ...given(named),
  };
  const having = (state: string) => named.filter((row) => row.state === state).map(({ key }) => key.trim());
  return {
    request: {
      principal: read.caller,
      action,
      resource,
      resourceAccount,
      context,
      unknownKeys: others === "unknown" ? ["*"] : having("unknown"),
      absentKeys: [...having("absent"), ...(others === "unknown" ? neverSent(read.caller) : [])],
    },
  };
}

/**
 * The keys that follow from the caller, the account and the time, and those of a call that is made over TLS and not by
 * way of a service; rows with the same key take their place.
 */
function known(caller: CallerPrincipal, resourceAccount: string, now: string): Record<string, string> {
  return {
    // "Anonymous requests do not include this key."
    ...(isUnsigned(caller) ? {} : { "aws:PrincipalIsAWSService": "false" }),
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    ...principalContext(caller),
    "aws:ResourceAccount": resourceAccount,
    "aws:CurrentTime": now,
    "aws:EpochTime": String(Math.floor(Date.parse(now) / 1000)),
  };
}

function given(rows: PlaygroundQuestion["context"]): Record<string, string | string[]> {
  const values = new Map<string, { key: string; values: string[] }>();
  for (const { key, state, value } of rows) {
    if (state !== "is") continue;
    const entry = values.get(foldCase(key.trim())) ?? { key: key.trim(), values: [] };
    entry.values.push(value);
    values.set(foldCase(key.trim()), entry);
  }
  return Object.fromEntries(
    [...values.values()].map((entry) => [
      entry.key,
      entry.values.length === 1 ? (entry.values[0] ?? "") : entry.values,
    ]),
  );
}

/** Without AWS credentials: with a token, or with nothing. */
function isUnsigned({ kind }: CallerPrincipal): boolean {
  return kind === "anonymous" || kind === "federated";
}

/**
 * Keys that requests of such a caller never carry: who has no credentials has no ARN, and a role's session no user
 * name. `aws:userid` and `aws:PrincipalType` are in "all requests, including anonymous requests".
 *
 * Source: IAM User Guide, "AWS global condition context keys", availability of each key.
 */
function neverSent(caller: CallerPrincipal): string[] {
  if (isUnsigned(caller))
    return [
      "aws:PrincipalArn",
      "aws:PrincipalOrg*",
      "aws:PrincipalTag/*",
      "aws:PrincipalServiceName*",
      "aws:PrincipalIsAWSService",
      "aws:TokenIssueTime",
      "aws:username",
    ];
  return caller.kind === "role-session" ? ["aws:username"] : [];
}

function accountOfArn(arn: string): string {
  return arn.split(":")[4] ?? "";
}

function readDocuments(documents: readonly PlaygroundDocument[]): {
  policies: PolicySet;
  unreadable: string[];
} {
  const names = documentNames(documents);
  const unread: UnreadPolicy[] = [];
  const read = documents.flatMap(({ kind, text }, at): { kind: string; policy: NamedPolicy }[] => {
    const name = names[at] ?? kind;
    // A manifest says which role is asked for, and nothing of what it may do.
    if (text.trim() === "" || kind === "service-account") return [];
    const parsed = parsePolicyJson(text);
    if (!parsed.ok || !isRecord(parsed.value)) {
      unread.push({ kind, name });
      return [];
    }
    // The evaluator is total: what breaks the grammar is decided the narrower way, and the findings say so.
    return [{ kind, policy: { name, document: parsed.value as unknown as PolicyDocument } }];
  });
  const of = (kind: string) => read.filter((one) => one.kind === kind).map(({ policy }) => policy);
  const [boundary] = of("boundary");
  const [resource] = [...of("trust"), ...of("resource")];
  return {
    policies: {
      identity: of("identity"),
      session: of("session"),
      ...(boundary === undefined ? {} : { boundary }),
      ...(resource === undefined ? {} : { resource }),
      ...(of("scp").length > 0 ? { scps: of("scp") } : {}),
      ...(of("rcp").length > 0 ? { rcps: of("rcp") } : {}),
      unread,
    },
    unreadable: unread.map(({ name }) => name),
  };
}
