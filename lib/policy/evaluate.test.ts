import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import {
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type PolicySet,
} from "./evaluate.ts";

/** An SCP or RCP may say where it is attached. */
type CasePolicy = PolicyDocument | { target: string; document: PolicyDocument };

interface Case {
  name: string;
  /** the AWS page that the expectation rests on */
  cites: string;
  function: "evaluate" | "evaluateTrust";
  request: EvaluationRequest;
  policies: {
    identity: PolicyDocument[];
    boundary?: PolicyDocument;
    session?: PolicyDocument[];
    resource?: PolicyDocument;
    scps?: CasePolicy[];
    rcps?: CasePolicy[];
  };
  expect: Decision["effect"];
}

function policySet(policies: Case["policies"]): PolicySet {
  const { identity, boundary, session, resource, scps, rcps } = policies;
  const list = (kind: string, documents: CasePolicy[]) =>
    documents.map((one, index) => ({
      name: `${kind} ${index + 1}`,
      ...("document" in one ? one : { document: one }),
    }));
  return {
    identity: list("identity", identity),
    ...(boundary === undefined ? {} : { boundary: { name: "boundary", document: boundary } }),
    ...(session === undefined ? {} : { session: list("session", session) }),
    ...(resource === undefined ? {} : { resource: { name: "resource", document: resource } }),
    ...(scps === undefined ? {} : { scps: list("scp", scps) }),
    ...(rcps === undefined ? {} : { rcps: list("rcp", rcps) }),
  };
}

const folder = new URL("./cases/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { cases: Case[] };
  describe(file, () => {
    for (const one of cases) {
      it(one.name, () => {
        const decide = one.function === "evaluate" ? evaluate : evaluateTrust;
        const decision = decide(one.request, policySet(one.policies));
        expect(decision.effect, decision.reason).toBe(one.expect);
        expect(one.cites).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
      });
    }
  });
}

describe("trace", () => {
  const request: EvaluationRequest = {
    principal: {
      kind: "role-session",
      roleArn: "arn:aws:iam::111122223333:role/src",
      roleId: "AROASRC0000000000001",
      sessionArn: "arn:aws:sts::111122223333:assumed-role/src/pod",
      accountId: "111122223333",
    },
    action: "s3:GetObject",
    resource: "arn:aws:s3:::reports/x",
    resourceAccount: "111122223333",
    context: { "aws:PrincipalTag/team": "hr" },
  };

  it("names the first element that did not match, with both values", () => {
    const { trace, reason } = evaluate(request, {
      identity: [
        {
          name: "inline",
          document: {
            Version: "2012-10-17",
            Statement: [
              { Sid: "Put", Effect: "Allow", Action: "s3:PutObject", Resource: "*" },
              {
                Effect: "Allow",
                Action: "s3:*",
                Resource: "*",
                Condition: { StringEquals: { "aws:PrincipalTag/team": "pay" } },
              },
            ],
          },
        },
      ],
    });
    expect(trace).toEqual([
      {
        policy: "inline",
        kind: "identity",
        index: 0,
        sid: "Put",
        effect: "Allow",
        matched: false,
        mismatch: {
          element: "Action",
          outcome: "no-match",
          expected: ["s3:PutObject"],
          actual: ["s3:GetObject"],
        },
      },
      {
        policy: "inline",
        kind: "identity",
        index: 1,
        effect: "Allow",
        matched: false,
        mismatch: {
          element: "Condition",
          outcome: "no-match",
          operator: "StringEquals",
          key: "aws:PrincipalTag/team",
          expected: ["pay"],
          actual: ["hr"],
        },
      },
    ]);
    expect(reason).toBe(
      "Denied: no identity policy of arn:aws:sts::111122223333:assumed-role/src/pod allows s3:GetObject.",
    );
  });

  it("reports what made a Deny apply in doubt", () => {
    const decision = evaluate(request, {
      identity: [
        {
          name: "inline",
          document: {
            Version: "2012-10-17",
            Statement: {
              Effect: "Deny",
              Action: "s3:*",
              Resource: "*",
              Condition: { StringMatches: { "aws:x": "a" } },
            },
          },
        },
      ],
    });
    expect(decision.effect).toBe("explicit-deny");
    expect(decision.trace[0]?.undecided?.[0]?.note).toBe("IAM has no such operator");
  });

  it("survives documents that are no documents", () => {
    for (const Statement of [
      undefined,
      null,
      7,
      [],
      ["x"],
      { Effect: "Allow" },
      { Effect: "Allow", Action: 7, Resource: {} },
    ]) {
      const document = { Version: "2012-10-17", Statement } as unknown as PolicyDocument;
      const decision = evaluate(request, { identity: [{ name: "odd", document }] });
      expect(decision.effect).toBe("implicit-deny");
    }
  });
});
