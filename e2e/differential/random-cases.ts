import fc from "fast-check";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import type { EvaluationRequest } from "#lib/policy/evaluate.ts";
import { principalContext } from "#lib/policy/principals.ts";
import type { DecisionCase } from "./decision-case.ts";
import { conditions, contexts } from "./random-conditions.ts";

/**
 * Requests and policies that AWS would take, in a small world so that they often meet. What is left out is what
 * the other side can't be told: unique ids, several session policies, keys that nobody knows.
 */

const account = "111122223333";
const other = "444455556666";
const role = `arn:aws:iam::${account}:role/src`;
const session = `arn:aws:sts::${account}:assumed-role/src/pod`;
const user = `arn:aws:iam::${account}:user/ann`;
const target = `arn:aws:iam::${other}:role/target`;
/** `${aws:PrincipalTag/team}` */
const team = "$".concat("{aws:PrincipalTag/team}");

const callers = fc.constantFrom<EvaluationRequest["principal"]>(
  ...Array.from({ length: 12 }, () => ({
    kind: "role-session" as const,
    roleArn: role,
    roleId: "AROASRC0000000000001",
    sessionArn: session,
    accountId: account,
  })),
  { kind: "user", arn: user, userId: "AIDAANN0000000000001", accountId: account },
  { kind: "user", arn: user, userId: "AIDAANN0000000000001", accountId: account },
  // seldom: of the root user the other side knows nothing
  { kind: "root", arn: `arn:aws:iam::${account}:root`, accountId: account },
  { kind: "service", service: "sns.amazonaws.com" },
  { kind: "anonymous" },
);

interface Call {
  action: string;
  resource: string;
  /** patterns that fit, nearly fit and don't */
  actions: string[];
  resources: string[];
}

const calls: Call[] = [
  {
    action: "s3:GetObject",
    resource: "arn:aws:s3:::reports/2026/a b.csv",
    actions: ["*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "s3:GetObject", "s3:PutObject"],
    resources: [
      "*",
      "arn:aws:s3:::*",
      "arn:aws:s3:::reports/*",
      "arn:aws:s3:::reports/2026/*",
      "arn:aws:s3:::reports/????/a*",
      "arn:aws:s3:::Reports/*",
      `arn:aws:s3:::${team}/*`,
      "arn:aws:s3:::reports",
      "arn:*:s3:::reports/*",
    ],
  },
  {
    action: "sqs:SendMessage",
    resource: `arn:aws:sqs:eu-west-1:${other}:orders-eu`,
    actions: ["*", "sqs:*", "sqs:Send*", "sqs:SendMessage", "SQS:sendmessage", "sqs:ReceiveMessage"],
    resources: [
      "*",
      `arn:aws:sqs:eu-west-1:${other}:orders-eu`,
      `arn:aws:sqs:*:${other}:orders-*`,
      `arn:aws:sqs:eu-west-1:*:orders-eu`,
      `arn:aws:sqs:eu-*`,
      `arn:aws:sqs:us-east-1:${other}:orders-eu`,
      `arn:aws:sqs:eu-west-1:${other}:${team}-eu`,
    ],
  },
  {
    action: "kms:Decrypt",
    resource: `arn:aws:kms:eu-west-1:${other}:key/11112222-3333-4444-5555-666677778888`,
    actions: ["*", "kms:*", "kms:Decrypt", "kms:D*", "kms:Encrypt"],
    resources: ["*", `arn:aws:kms:eu-west-1:${other}:key/*`, `arn:aws:kms:*:${other}:key/1111*`],
  },
];

const assume: Call = {
  action: "sts:AssumeRole",
  resource: target,
  actions: ["sts:AssumeRole", "sts:AssumeRole", "sts:*", "sts:Assume*", "sts:TagSession"],
  resources: ["*", target, `arn:aws:iam::${other}:role/*`, `arn:aws:iam::*:role/target`],
};

const principals = fc.constantFrom<NonNullable<Statement["Principal"]>>(
  "*",
  "*",
  { AWS: "*" },
  { AWS: role },
  { AWS: role },
  { AWS: session },
  { AWS: user },
  { AWS: account },
  { AWS: `arn:aws:iam::${account}:root` },
  { AWS: [other, role] },
  { AWS: `arn:aws:iam::${other}:root` },
  { Service: "sns.amazonaws.com" },
);

type Place = "identity" | "resource" | "trust" | "rcp" | "scp";

function statements(call: Call, place: Place): fc.Arbitrary<Statement> {
  const some = (values: string[]) =>
    fc.oneof(
      fc.constantFrom(...values),
      fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
    );
  const negated = fc.nat({ max: 9 }).map((die) => die === 0);
  return fc
    .record({
      deny: fc.nat({ max: 4 }).map((die) => die === 0),
      action: some(call.actions),
      resource: some(call.resources),
      not: fc.record({ action: negated, resource: negated, principal: negated }),
      principal: principals,
      condition: conditions,
    })
    .map(({ deny, action, resource, not, principal, condition }): Statement => {
      // An RCP only denies, and not every action.
      const denies = deny || place === "rcp";
      const names = place === "resource" || place === "trust" || place === "rcp";
      const who = place === "rcp" ? "*" : principal;
      const actions = place === "rcp" && [action].flat().includes("*") ? call.action : action;
      return {
        Effect: denies ? "Deny" : "Allow",
        ...(names &&
          (place === "resource" && not.principal && denies ? { NotPrincipal: who } : { Principal: who })),
        ...(not.action && place !== "rcp" && place !== "trust"
          ? { NotAction: actions }
          : { Action: actions }),
        ...(place === "trust" ? {} : not.resource ? { NotResource: resource } : { Resource: resource }),
        ...(condition && { Condition: condition }),
      } as Statement;
    });
}

function documents(call: Call, place: Place, maxLength = 2): fc.Arbitrary<PolicyDocument> {
  const current = "2012-10-17" as const;
  // Organizations takes no other.
  const versions = place === "scp" || place === "rcp" ? [] : ["2008-10-17" as const];
  return fc.record({
    Version: fc.constantFrom(current, current, current, ...versions),
    Statement: fc.array(statements(call, place), { minLength: 1, maxLength }),
  });
}

/** One that begins with leave for everything, as most boundaries, session policies and SCPs do. */
function limits(call: Call, place: Place): fc.Arbitrary<PolicyDocument> {
  const wide = documents(call, place, 1).map((document) => ({
    ...document,
    Statement: [{ Effect: "Allow" as const, Action: "*", Resource: "*" }, document.Statement].flat(),
  }));
  return fc.oneof(wide, documents(call, place));
}

const everyone: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
};

function policiesFor(call: Call, trust: boolean): fc.Arbitrary<DecisionCase["policies"]> {
  const maybe = <T>(what: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what });
  // A role has a trust policy and a key its key policy; a bucket or queue may have none.
  const always = trust || call.action.startsWith("kms:");
  return fc
    .record({
      identity: fc.array(documents(call, "identity"), { minLength: 1, maxLength: 2 }),
      boundary: maybe(limits(call, "identity")),
      session: maybe(limits(call, "identity")),
      resource: always ? documents(call, trust ? "trust" : "resource") : maybe(documents(call, "resource")),
      scps: maybe(limits(call, "scp")),
      rcps: maybe(documents(call, "rcp", 1)),
    })
    .map(({ identity, boundary, session: passed, resource, scps, rcps }) => ({
      identity,
      ...(boundary && { boundary }),
      ...(passed && { session: [passed] }),
      ...(resource && { resource }),
      ...(scps && { scps: [scps] }),
      ...(rcps && { rcps: [everyone, rcps] }),
    }));
}

/** Requests without session, boundary and identity policies where the caller can't have them. */
function fitting({ policies, ...rest }: DecisionCase): DecisionCase {
  const { kind } = rest.request.principal;
  const { boundary, session: passed, scps, identity, ...others } = policies;
  const entity = kind === "role-session" || kind === "user";
  return {
    ...rest,
    policies: {
      ...others,
      identity: entity ? identity : [],
      ...(entity && boundary && { boundary }),
      ...(kind === "role-session" && passed && { session: passed }),
      ...((entity || kind === "root") && scps && { scps }),
    },
  };
}

/** All cases that are compared. */
export const cases: fc.Arbitrary<DecisionCase> = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...calls).map((call) => ({ call, trust: false })) },
    { weight: 1, arbitrary: fc.constant({ call: assume, trust: true }) },
  )
  .chain(({ call, trust }) =>
    fc
      .record({
        principal: trust ? callers.filter(({ kind }) => kind === "role-session" || kind === "user") : callers,
        same: fc.boolean(),
        context: contexts,
        policies: policiesFor(call, trust),
      })
      .map(({ principal, same, context, policies }) =>
        fitting({
          function: trust ? "evaluateTrust" : "evaluate",
          request: {
            principal,
            action: call.action,
            // The account of a bucket is not in its ARN; of the others it is.
            resource: same ? call.resource.replaceAll(other, account) : call.resource,
            resourceAccount: same ? account : other,
            context: { ...principalContext(principal), ...context },
          },
          policies: same
            ? (JSON.parse(
                JSON.stringify(policies).replaceAll(`:${other}:`, `:${account}:`),
              ) as typeof policies)
            : policies,
        }),
      ),
  );
