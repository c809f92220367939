import { expect, it } from "vitest";
import type { Statement } from "#lib/model/policy-document.ts";
import { changes, type SandboxAccounts } from "./changes.ts";

const grant = "g00000000001";
const provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A";
const roles: SandboxAccounts[string]["roles"] = {
  "arn:aws:iam::111122223333:role/drawbridge/acme/prod-orders": {
    trust: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: provider },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "oidc.example/id/A:sub": "system:serviceaccount:payments:orders" } },
        },
      ],
    },
    inline: {
      [`grant-${grant}`]: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/2026/*" },
          { Effect: "Allow", Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:444455556666:key/1" },
        ],
      },
      "grant-g00000000002": { Version: "2012-10-17", Statement: [] },
    },
  },
};
const denying: Statement = { Sid: "Own", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" };
const accounts: SandboxAccounts = {
  "111122223333": { roles, buckets: {}, queues: {} },
  "444455556666": {
    roles: {},
    buckets: { reports: { policy: { Version: "2012-10-17", Statement: [denying] } } },
    queues: {},
  },
};

it.each([
  [
    "trust",
    {
      accountId: "111122223333",
      kind: "role-trust",
      name: "prod-orders",
      document: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Federated: provider }, Action: "sts:AssumeRoleWithWebIdentity" },
        ],
      },
    },
  ],
  [
    "permissions",
    {
      accountId: "111122223333",
      kind: "role-policy",
      name: "prod-orders",
      policyName: `grant-${grant}`,
      document: { Version: "2012-10-17", Statement: [] },
    },
  ],
  [
    "target",
    {
      accountId: "444455556666",
      kind: "bucket-policy",
      name: "reports",
      document: {
        Version: "2012-10-17",
        Statement: [
          denying,
          {
            Sid: "EverybodyFromTheConsole",
            Effect: "Allow",
            Principal: "*",
            Action: ["s3:GetObject"],
            Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
          },
        ],
      },
    },
  ],
])("%s: changes that document of the access, and nothing else in it", (how, mutation) => {
  expect(changes[how]?.(accounts, grant)?.mutation).toEqual(mutation);
});

it("finds the policy of a queue, which the sandbox keeps by its Region", () => {
  const [[arn, role] = []] = Object.entries(roles);
  const queue = "arn:aws:sqs:eu-west-1:444455556666:orders";
  const inline = {
    [`grant-${grant}`]: {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Allow" as const, Action: ["sqs:SendMessage"], Resource: queue }],
    },
  };
  const found = changes.target?.(
    {
      "111122223333": { roles: role ? { [arn ?? ""]: { ...role, inline } } : {}, buckets: {}, queues: {} },
      "444455556666": { roles: {}, buckets: {}, queues: { "eu-west-1/orders": { policy: null } } },
    },
    grant,
  );
  expect(found?.mutation).toMatchObject({ kind: "queue-policy", name: "orders", accountId: "444455556666" });
  expect(found?.mutation.document.Statement).toMatchObject([
    { Action: ["sqs:SendMessage"], Resource: queue },
  ]);
});

it("does nothing for an access that has nothing in AWS", () => {
  for (const change of Object.values(changes)) expect(change(accounts, "g00000000009")).toBe(null);
});
