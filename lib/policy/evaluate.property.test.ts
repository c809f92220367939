import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import {
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type PolicySet,
} from "./evaluate.ts";

/** A small world, so that random statements and requests often meet. */
/** `${aws:PrincipalTag/team}` */
const variable = "$".concat("{aws:PrincipalTag/team}");
const role = "arn:aws:iam::111122223333:role/src";
const session = "arn:aws:sts::111122223333:assumed-role/src/pod";
const action = fc.constantFrom("s3:GetObject", "s3:PutObject", "s3:*", "s3:Get*", "sqs:*", "*", "bad");
const resource = fc.constantFrom(
  "*",
  "arn:aws:s3:::reports/*",
  "arn:aws:s3:::reports/a",
  `arn:aws:s3:::${variable}/a`,
  "arn:aws:s3:::other/*",
  "bad",
);
const principal = fc.constantFrom<NonNullable<Statement["Principal"]>>(
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
  { StringEquals: { "aws:PrincipalTag/team": "reports" } },
  { StringNotEquals: { "aws:PrincipalTag/team": "reports" } },
  { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
  { StringNotEquals: { "aws:x": variable } },
  { Null: { "aws:x": "true" } },
  { Unknown: { "aws:x": "true" } },
);

const effect = fc.constantFrom<Statement["Effect"]>("Allow", "Deny");

function statements(withPrincipal: boolean): fc.Arbitrary<Statement> {
  const body = fc.record({
    Effect: effect,
    Action: fc.oneof(action, fc.array(action, { maxLength: 2 })),
    Resource: fc.oneof(resource, fc.array(resource, { maxLength: 2 })),
    Condition: condition as fc.Arbitrary<NonNullable<Statement["Condition"]>>,
  });
  return withPrincipal
    ? fc.tuple(body, principal).map(([rest, Principal]) => ({ ...rest, Principal }))
    : body;
}

function document(withPrincipal: boolean): fc.Arbitrary<PolicyDocument> {
  return fc.record({
    Version: fc.constantFrom<"2012-10-17" | "2008-10-17">("2012-10-17", "2008-10-17"),
    Statement: fc.array(statements(withPrincipal), { maxLength: 3 }),
  });
}

const policies = fc
  .record(
    {
      identity: document(false),
      boundary: document(false),
      session: document(false),
      resource: document(true),
      scps: document(false),
      rcps: document(true),
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

type Place = "identity" | "boundary" | "session" | "resource" | "scps" | "rcps";
const places: Place[] = ["identity", "boundary", "session", "resource", "scps", "rcps"];

/** The set with every document of one kind changed. */
function changed(
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

const add = (statement: Statement) => (document: PolicyDocument) => ({
  ...document,
  Statement: [...statementsOf(document), statement],
});
const allowed = (decision: Decision) => decision.effect === "allow";

describe.each([
  ["evaluate", evaluate],
  ["evaluateTrust", evaluateTrust],
])("%s", (_name, decide) => {
  it("never widens by a Deny", () => {
    fc.assert(
      fc.property(
        requests,
        policies,
        fc.constantFrom(...places),
        statements(true),
        statements(false),
        (request, set, place, wide, narrow) => {
          const hasPrincipal = place === "resource" || place === "rcps";
          const deny: Statement = { ...(hasPrincipal ? wide : narrow), Effect: "Deny" };
          const after = decide(request, changed(set, place, add(deny)));
          expect(allowed(after) && !allowed(decide(request, set))).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("never narrows by an Allow", () => {
    fc.assert(
      fc.property(
        requests,
        policies,
        fc.constantFrom(...places),
        statements(true),
        statements(false),
        (request, set, place, wide, narrow) => {
          const hasPrincipal = place === "resource" || place === "rcps";
          const allow: Statement = { ...(hasPrincipal ? wide : narrow), Effect: "Allow" };
          const after = decide(request, changed(set, place, add(allow)));
          expect(allowed(decide(request, set)) && !allowed(after)).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("doesn't mind the order of statements", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const reversed = places.reduce(
          (all, place) =>
            changed(all, place, (document) => ({
              ...document,
              Statement: statementsOf(document).toReversed(),
            })),
          set,
        );
        expect(decide(request, reversed).effect).toBe(decide(request, set).effect);
      }),
      { numRuns: 2000 },
    );
  });

  it("allows nothing that an explicit Deny matched, and nothing without an Allow but to root", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const { effect: result, trace } = decide(request, set);
        if (result !== "allow") return;
        const matched = trace.filter((statement) => statement.matched);
        expect(matched.every((statement) => statement.effect === "Allow")).toBe(true);
        const granted = matched.some((statement) =>
          ["identity", "resource", "trust"].includes(statement.kind),
        );
        expect(granted || request.principal.kind === "root").toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
