import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel, Grant, Target } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { workloadContext } from "./context.ts";
import { desiredResources } from "./desired-resources.ts";
import { identityStatements, resourceStatements } from "./statements.ts";
import { estate, grant, item } from "./testing/organisation.ts";

/** Exact documents, as JSON that a security reviewer can read and add to. */
function casesOf<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(`./cases/${file}`, import.meta.url), "utf8")).cases;
}

describe("what each pattern asks for", () => {
  it.each(casesOf<{ name: string; grants: Grant[]; expect: CloudResource[] }>("patterns.json"))(
    "$name",
    (one) => {
      expect(desiredResources(one.grants, estate())).toEqual(one.expect);
    },
  );
});

interface StatementCase {
  name: string;
  target: Target;
  level: AccessLevel;
  custom?: CustomPermissions;
  subResource: string | null;
  expiresAt: string | null;
  encryption: string | null;
  /** `resource` is left out where a key rules the resource policy out. */
  expect: { identity: Statement[]; resource?: Statement[] };
}

describe("what each service, level, prefix, key and end date gives", () => {
  it.each(casesOf<StatementCase>("statements.json"))("$name", (one) => {
    const { target, level, subResource, expiresAt, encryption } = one;
    const custom = one.custom ? { custom: one.custom } : {};
    const asked = grant({ pattern: "role-chaining", target, level, ...custom, subResource, expiresAt });
    const where = estate({ inventory: [item(target.arn, target.accountId, { encryption })] });
    const context = workloadContext(asked.workload, asked.identity, [asked], where);
    expect(identityStatements(asked, context)).toEqual(one.expect.identity);
    if (one.expect.resource)
      expect(resourceStatements(asked, context, "arn:aws:iam::111122223333:role/drawbridge/acme/r")).toEqual(
        one.expect.resource,
      );
  });

  it("names KMS under both suffixes of the China Regions", () => {
    const arn = "arn:aws-cn:s3:::reports";
    const key = "arn:aws-cn:kms:cn-north-1:444455556666:key/1234";
    const asked = grant({ target: { arn, accountId: "444455556666" } });
    const where = estate({
      inventory: [item(arn, "444455556666", { encryption: key, region: "cn-north-1" })],
    });
    const statements = identityStatements(
      asked,
      workloadContext(asked.workload, asked.identity, [asked], where),
    );
    expect(statements.at(-1)?.Condition?.StringEquals).toEqual({
      "kms:ViaService": ["s3.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"],
    });
  });

  it.each(["arn:aws:kms:eu-west-1:444455556666:alias/x", "arn:aws:kms:*:444455556666:key/*", "aws-managed"])(
    "gives nothing on a key that is named as %s",
    (encryption) => {
      const asked = grant();
      const where = estate({ inventory: [item(asked.target.arn, asked.target.accountId, { encryption })] });
      const context = workloadContext(asked.workload, asked.identity, [asked], where);
      expect(JSON.stringify(identityStatements(asked, context))).not.toContain("kms:");
    },
  );
});
