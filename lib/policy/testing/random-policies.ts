import fc from "fast-check";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type EvaluationRequest, evaluate, evaluateTrust, type PolicySet } from "../evaluate.ts";

/**
 * A small world, so that random statements and requests often meet: what is often right stands in the lists more than
 * once, and documents of the kinds that only limit begin with a statement that allows.
 */

/** `${aws:PrincipalTag/team}` */
const variable = "$".concat("{aws:PrincipalTag/team}");
const role = "arn:aws:iam::111122223333:role/src";
const session = "arn:aws:sts::111122223333:assumed-role/src/pod";
const action = fc.constantFrom("s3:GetObject", "s3:*", "s3:Get*", "s3:*", "*", "*", "sqs:*", "bad");
const resource = fc.constantFrom(
  "*",
  "*",
  "arn:aws:s3:::reports/*",
  "arn:aws:s3:::*",
  "arn:aws:s3:::reports/*",
  "arn:aws:s3:::reports/a",
  `arn:aws:s3:::${variable}/a`,
  "arn:aws:s3:::other/*",
  "bad",
);
const principal = fc.constantFrom<NonNullable<Statement["Principal"]>>(
  "*",
  "*",
  { AWS: role },
  { AWS: session },
  { AWS: "111122223333" },
  { AWS: "444455556666" },
  { AWS: "AROASRC0000000000001" },
  { Service: "sns.amazonaws.com" },
);
const condition = fc.constantFrom<Statement["Condition"]>(
  {},
  {},
  {},
  { StringEquals: { "aws:PrincipalTag/team": "reports" } },
  { StringNotEquals: { "aws:PrincipalTag/team": "reports" } },
  { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
  { StringNotEquals: { "aws:x": variable } },
  { Null: { "aws:x": "true" } },
  { StringEqualsIfExists: { "aws:x": "a" }, StringLike: { "aws:PrincipalTag/team": ["rep*", "hr"] } },
  { "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", variable] } },
  { Bool: { "aws:SecureTransport": "true" } },
  { Unknown: { "aws:x": "true" } },
);

const effect = fc.constantFrom<Statement["Effect"]>("Allow", "Allow", "Allow", "Allow", "Deny");

function statements(withPrincipal: boolean): fc.Arbitrary<Statement> {
  const body = fc.record({
    Effect: effect,
    Action: fc.oneof(action, fc.array(action, { minLength: 1, maxLength: 2 })),
    Resource: fc.oneof(resource, fc.array(resource, { minLength: 1, maxLength: 2 })),
    Condition: condition as fc.Arbitrary<NonNullable<Statement["Condition"]>>,
  });
  return withPrincipal
    ? fc.tuple(body, principal).map(([rest, Principal]) => ({ ...rest, Principal }))
    : body;
}

export function documents(withPrincipal: boolean): fc.Arbitrary<PolicyDocument> {
  return fc.record({
    Version: fc.constantFrom<"2012-10-17" | "2008-10-17">("2012-10-17", "2012-10-17", "2008-10-17"),
    Statement: fc.array(statements(withPrincipal), { maxLength: 3 }),
  });
}

function everyoneFirst({ Statement, ...rest }: PolicyDocument): PolicyDocument {
  const everyone: Statement = { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" };
  return { ...rest, Statement: [everyone, ...listOf(Statement).slice(1)] };
}

/** One that begins with leave for everything, as most boundaries, session policies and SCPs do. */
const limits = documents(false).map(
  ({ Statement, ...rest }): PolicyDocument => ({
    ...rest,
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }, ...listOf(Statement).slice(1)],
  }),
);
const limiting = fc.oneof(limits, limits, documents(false));

const policies = fc
  .record(
    {
      identity: documents(false),
      boundary: limiting,
      session: limiting,
      resource: documents(true),
      scps: limiting,
      rcps: documents(true).map(everyoneFirst),
    },
    { requiredKeys: ["identity"] },
  )
  .map((given): PolicySet => {
    const named = (name: string, found: PolicyDocument) => ({ name, document: found });
    return {
      identity: [named("identity", given.identity)],
      ...(given.boundary && { boundary: named("boundary", given.boundary) }),
      ...(given.session && { session: [named("session", given.session)] }),
      ...(given.resource && { resource: named("resource", given.resource) }),
      ...(given.scps && { scps: [named("scp", given.scps)] }),
      ...(given.rcps && { rcps: [named("rcp", given.rcps)] }),
    };
  });

const requests = fc.record<EvaluationRequest>({
  principal: fc.constantFrom<EvaluationRequest["principal"]>(
    {
      kind: "role-session",
      roleArn: role,
      roleId: "AROASRC0000000000001",
      sessionArn: session,
      accountId: "111122223333",
    },
    {
      kind: "user",
      arn: "arn:aws:iam::444455556666:user/ann",
      userId: "AIDAANN0000000000001",
      accountId: "444455556666",
    },
    { kind: "root", arn: "arn:aws:iam::111122223333:root", accountId: "111122223333" },
    { kind: "service", service: "sns.amazonaws.com" },
    { kind: "anonymous" },
  ),
  action: fc.constantFrom("s3:GetObject", "s3:PutObject", "sqs:SendMessage"),
  resource: fc.constantFrom("arn:aws:s3:::reports/a", "arn:aws:s3:::other/b"),
  resourceAccount: fc.constantFrom("111122223333", "444455556666"),
  context: fc.constantFrom<EvaluationRequest["context"]>(
    {},
    { "aws:PrincipalTag/team": "reports" },
    { "AWS:principaltag/TEAM": "other", "aws:x": "a", "aws:TagKeys": ["a"] },
  ),
});

export type Place = "identity" | "boundary" | "session" | "resource" | "scps" | "rcps";
export const places: Place[] = ["identity", "boundary", "session", "resource", "scps", "rcps"];

/** The set with every document of one kind changed. */
export function changed(
  set: PolicySet,
  place: Place,
  change: (document: PolicyDocument) => PolicyDocument,
): PolicySet {
  const edit = (policy: { name: string; document: PolicyDocument }) => ({
    ...policy,
    document: change(policy.document),
  });
  const value = set[place];
  if (value === undefined) return set;
  return { ...set, [place]: Array.isArray(value) ? value.map(edit) : edit(value) };
}

export const add = (statement: Statement) => (document: PolicyDocument) => ({
  ...document,
  Statement: [...statementsOf(document), statement],
});

/** A trust policy says nothing of resources; with a Resource it would be one that AWS does not store. */
function ofRole({ Resource: _, ...statement }: Statement): Statement {
  return statement;
}

/** Half of them trust everyone to begin with; else hardly any request would get in. */
const trusting = fc.tuple(policies, fc.boolean()).map(([set, open]) =>
  changed(set, "resource", (document) => {
    const { Statement } = open ? everyoneFirst(document) : document;
    return { ...document, Statement: listOf(Statement).map(ofRole) };
  }),
);

const withPrincipal = (place: Place) => place === "resource" || place === "rcps";

/** Both ways of deciding, each with policies and statements that fit it. */
export const worlds = [
  {
    name: "evaluate",
    decide: evaluate,
    requests,
    policies,
    statementFor: (place: Place) => statements(withPrincipal(place)),
  },
  {
    name: "evaluateTrust",
    decide: evaluateTrust,
    // STS refuses these two before it reads any policy.
    requests: requests.filter(({ principal: { kind } }) => kind !== "anonymous" && kind !== "root"),
    policies: trusting,
    statementFor: (place: Place) =>
      place === "resource" ? statements(true).map(ofRole) : statements(withPrincipal(place)),
  },
];

/** Where a policy can stand, with a statement that can stand there. */
export function additions(
  statementFor: (place: Place) => fc.Arbitrary<Statement>,
): fc.Arbitrary<{ place: Place; statement: Statement }> {
  return fc
    .constantFrom(...places)
    .chain((place) => statementFor(place).map((statement) => ({ place, statement })));
}
