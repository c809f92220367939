import { describe, expect, it } from "vitest";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { renderManifest } from "#lib/render/kubernetes.ts";
import { parseManifest } from "./manifest.ts";

/** The player must understand what the portal really hands out, not what this folder thinks it does. */
const workload = {
  cluster: { accountId: "111122223333", region: "eu-west-1", name: "prod" },
  namespace: "pay",
  serviceAccount: "api",
};
const access: WorkloadAccess = {
  workload,
  source: "web-identity",
  roleArn: "arn:aws:iam::111122223333:role/drawbridge/demo/api",
  identityTitle: "A role in the cluster's account",
  profiles: [
    {
      name: "data-444455556666",
      accountId: "444455556666",
      roleArn: "arn:aws:iam::444455556666:role/drawbridge/demo/api",
      externalId: "0123456789abcdef",
      region: "eu-west-1",
      isDefault: false,
    },
  ],
  grants: [
    {
      grant: {
        id: "abcdefghijkl",
        workload,
        target: { arn: "arn:aws:s3:::reports", accountId: "444455556666" },
        level: "read",
        subResource: null,
        pattern: "role-chaining",
        identity: { kind: "irsa", accountId: null, defaultAccountId: null },
        expiresAt: null,
      },
      service: "s3",
      name: "reports",
      region: "eu-west-1",
      profile: "data-444455556666",
      checks: [{ operation: "s3:ListBucket", resource: "arn:aws:s3:::reports/" }],
    },
  ],
};
const rendered = renderManifest(access, {
  grantId: "abcdefghijkl",
  reportUrl: "https://portal.example/report",
});

describe("parseManifest", () => {
  it("reads the portal's own manifest", () => {
    const manifest = parseManifest(rendered);
    expect(manifest).toMatchObject({
      ...workload,
      env: { DRAWBRIDGE_REPORT_URL: "https://portal.example/report" },
    });
    expect(manifest.annotations["eks.amazonaws.com/role-arn"]).toBe(access.roleArn);
    expect(manifest.files["/etc/aws/config"]).toContain("[profile data-444455556666]");
    expect(JSON.parse(manifest.env.DRAWBRIDGE_CHECKS ?? "")).toMatchObject([
      { profile: "data-444455556666" },
    ]);
  });

  it.each([
    ["no Job", rendered.split("---").slice(0, 2).join("---"), "The manifest has no Job"],
    [
      "a Job of another service account",
      rendered.replace("serviceAccountName: api", "serviceAccountName: b"),
      "does not run as",
    ],
    [
      "no ConfigMap",
      rendered.replace("kind: ConfigMap", "kind: Secret"),
      "The ConfigMap api-aws-config is not",
    ],
    ["no cluster", rendered.replace("111122223333/eu-west-1/prod", "prod"), "account/region/name"],
    ["no YAML", "{", "not YAML"],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseManifest(text)).toThrow(message);
  });
});
