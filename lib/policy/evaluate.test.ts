import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import {
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type PolicySet,
  type UnreadPolicy,
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
    unread?: UnreadPolicy[];
  };
  expect: Decision["effect"];
  /** of `unknown` */
  dependsOn?: string[];
}

function policySet(policies: Case["policies"]): PolicySet {
  const { identity, boundary, session, resource, scps, rcps, unread } = policies;
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
    ...(unread === undefined ? {} : { unread }),
  };
}

const folder = new URL("./cases/", import.meta.url);

const sections = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((file) => {
    const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { cases: Case[] };
    return { file, cases };
  });

for (const { file, cases } of sections) {
  describe(file, () => {
    for (const one of cases) {
      it(one.name, () => {
        const decide = one.function === "evaluate" ? evaluate : evaluateTrust;
        const decision = decide(one.request, policySet(one.policies));
        expect(decision.effect, decision.reason).toBe(one.expect);
        expect(decision.dependsOn).toEqual(one.dependsOn);
        expect(one.cites).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
      });
    }
  });
}

it("has as many cases in each section as the table says", () => {
  const table = readFileSync(new URL("README.md", folder), "utf8");
  const stated = [...table.matchAll(/^\| \[([a-z-]+)\]\(.*?\) \| (\d+) \|/gm)].map(([, name, count]) => [
    name,
    Number(count),
  ]);
  expect(stated).toEqual(sections.map(({ file, cases }) => [file.replace(".json", ""), cases.length]));
  const all = sections.flatMap(({ cases }) => cases);
  expect(table).toContain(`| **all** | **${all.length}** |`);
});

it("says each thing once: no two cases of a section have one name", () => {
  for (const { file, cases } of sections)
    expect(new Set(cases.map(({ name }) => name)).size, file).toBe(cases.length);
});

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

  it("explains every element, with the values that fit and the first that does not", () => {
    const { trace } = evaluate(
      request,
      {
        identity: [],
        resource: {
          name: "the bucket's policy",
          document: {
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Principal: { AWS: ["111122223333", "444455556666"] },
              Action: ["s3:Get*", "s3:PutObject"],
              Resource: "arn:aws:s3:::others/*",
              Condition: {
                StringEquals: { "aws:PrincipalTag/team": ["pay", "hr"] },
                IpAddress: { "aws:SourceIp": "203.0.113.0/24" },
              },
            },
          },
        },
      },
      { explain: true },
    );
    expect(trace).toMatchObject([{ matched: false, mismatch: { element: "Resource" } }]);
    expect(
      trace[0]?.elements?.map(({ element, key, outcome, fits }) => ({
        element: key ?? element,
        outcome,
        fits,
      })),
    ).toEqual([
      { element: "Principal", outcome: "match", fits: ["AWS:111122223333"] },
      { element: "Action", outcome: "match", fits: ["s3:Get*"] },
      { element: "Resource", outcome: "no-match" },
      { element: "aws:PrincipalTag/team", outcome: "match", fits: ["hr"] },
      { element: "aws:SourceIp", outcome: "no-match" },
    ]);
  });

  it("says which value a negated element excludes, and which value of the request is one too many", () => {
    const statement = {
      Effect: "Allow" as const,
      Resource: "*",
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
    };
    const document: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [
        { ...statement, Action: "s3:*" },
        { ...statement, NotAction: ["iam:*", "s3:Get*"] },
      ],
    };
    const tagged = { ...request, context: { "aws:TagKeys": ["a", "c"] } };
    const { trace } = evaluate(tagged, { identity: [{ name: "inline", document }] });
    expect(trace.map(({ mismatch }) => mismatch)).toMatchObject([
      { key: "aws:TagKeys", fits: ["a"], note: '"c" is one of the request\'s values' },
      { element: "NotAction", fits: ["s3:Get*"] },
    ]);
  });

  it("says which element leaves a statement open", () => {
    const asked = { ...request, unknownKeys: ["aws:SourceVpce"] };
    const Condition = { StringEquals: { "aws:SourceVpce": "vpce-1" } };
    const document: PolicyDocument = {
      Version: "2012-10-17",
      Statement: { Sid: "Inside", Effect: "Allow", Action: "s3:*", Resource: "*", Condition },
    };
    const decision = evaluate(asked, { identity: [{ name: "inline", document }] });
    expect(decision).toMatchObject({
      effect: "unknown",
      dependsOn: ["aws:SourceVpce"],
      trace: [{ sid: "Inside", matched: false, open: [{ element: "Condition", key: "aws:SourceVpce" }] }],
    });
    expect(decision.reason).toMatch(/^Unknown whether .* may s3:GetObject: it depends on aws:SourceVpce\.$/);
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
