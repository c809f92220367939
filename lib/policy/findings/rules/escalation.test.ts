import { describe, expect, it } from "vitest";
import { awsMetadata } from "../../metadata/aws.ts";
import { escalationPaths } from "../../testing/escalation-paths.ts";
import { checkPolicy } from "../check-policy.ts";

const role = "arn:aws:iam::111122223333:role/apps/reports";

function escalations(statements: object[]): string[] {
  const document = { Version: "2012-10-17", Statement: statements };
  return checkPolicy(document, { kind: "identity", metadata: awsMetadata })
    .map(({ id }) => id)
    .filter((id) => id.startsWith("escalation."));
}

describe("published ways to more permissions", () => {
  // Rhino Security Labs' "AWS IAM Privilege Escalation" has one that the catalogue counts with another.
  it("iam:SetDefaultPolicyVersion is found", () => {
    expect(
      escalations([{ Effect: "Allow", Action: "iam:SetDefaultPolicyVersion", Resource: "*" }]),
    ).not.toEqual([]);
  });

  it.each(Object.entries(escalationPaths))("%s is found", (_, actions) => {
    expect(escalations([{ Effect: "Allow", Action: actions, Resource: "*" }])).not.toEqual([]);
    expect(escalations([{ Effect: "Deny", Action: actions, Resource: "*" }])).toEqual([]);
  });

  const passing = Object.entries(escalationPaths).filter(([, [first]]) => first === "iam:PassRole");
  it.each(passing)(
    "%s is found with one role that may be passed, in statements apart",
    (_, [pass, ...rest]) => {
      const statements = [
        { Effect: "Allow", Action: pass, Resource: role },
        { Effect: "Allow", Action: rest, Resource: "*" },
      ];
      expect(escalations(statements)).toContain("escalation.pass-role-and-run");
      expect(escalations(statements.slice(1))).not.toContain("escalation.pass-role-and-run");
    },
  );

  it("are found behind patterns too", () => {
    expect(escalations([{ Effect: "Allow", Action: "iam:Put*", Resource: "*" }])).toContain(
      "escalation.write-policies",
    );
    expect(escalations([{ Effect: "Allow", Action: "iam:*Role*", Resource: "*" }])).toContain(
      "escalation.pass-role-any",
    );
  });
});
