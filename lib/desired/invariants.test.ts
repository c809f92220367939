import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type AccessLevel, accessLevels, type Grant, type IdentitySpec } from "#lib/model/grant.ts";
import { listOf, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { workloadTag } from "#lib/model/tags.ts";
import { type Workload, workloadKey, workloadSchema } from "#lib/model/workload.ts";
import { desiredResources } from "./desired-resources.ts";
import { awsLimits, documentSize, inlineSizes } from "./limits.ts";
import { chainExternalId, roleName } from "./names.ts";
import { s3 } from "./services/s3.ts";
import { sqs } from "./services/sqs.ts";
import { anyCustom } from "./testing/any-custom.ts";
import {
  away,
  bucketArn,
  cluster,
  estate,
  home,
  homeBucketArn,
  homeQueueArn,
  item,
  keyArn,
  queueArn,
  third,
} from "./testing/organisation.ts";

/** Names as long and odd as Kubernetes and EKS allow. */
const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  fc.constantFrom("a", "a-b", "payments", "p".repeat(63)),
);
const subdomain = fc.oneof(
  label,
  fc.array(label, { minLength: 2, maxLength: 4 }).map((parts) =>
    parts
      .join(".")
      .slice(0, 253)
      .replace(/[.-]+$/, ""),
  ),
);
const clusterNames = ["prod", "Prod", "c".repeat(100), "a_b-1"];

const where = estate({
  installation: "installation-with-a-long-name",
  clusters: clusterNames.map((name, index) =>
    cluster({
      name,
      podIdentityAgent: true,
      issuer: `oidc.eks.eu-west-1.amazonaws.com/id/${String(index).padStart(64, "0")}`,
    }),
  ),
  inventory: [
    item(bucketArn, away, { encryption: keyArn }),
    item("arn:aws:s3:::plain", away),
    item(homeBucketArn, home),
    item("arn:aws:s3:::third-data", third),
  ],
});

const workloads = fc
  .record({ name: fc.constantFrom(...clusterNames), namespace: label, serviceAccount: subdomain })
  .map(
    ({ name, ...rest }): Workload => ({ cluster: { accountId: home, region: "eu-west-1", name }, ...rest }),
  )
  .filter((workload) => workloadSchema.safeParse(workload).success);

/** Which patterns and targets hang on which identity. */
const shapes: { identity: IdentitySpec; options: { pattern: string; target: Grant["target"] }[] }[] = [
  ...(["home-role", "pod-identity"] as const).map((kind) => ({
    identity: { kind, accountId: null, defaultAccountId: null },
    options: [
      {
        pattern: kind === "home-role" ? "irsa" : "pod-identity",
        target: { arn: homeBucketArn, accountId: home },
      },
      {
        pattern: kind === "home-role" ? "irsa" : "pod-identity",
        target: { arn: homeQueueArn, accountId: home },
      },
      { pattern: "role-chaining", target: { arn: bucketArn, accountId: away } },
      { pattern: "role-chaining", target: { arn: "arn:aws:s3:::third-data", accountId: third } },
      { pattern: "resource-policy", target: { arn: "arn:aws:s3:::plain", accountId: away } },
      { pattern: "resource-policy", target: { arn: queueArn, accountId: away } },
    ],
  })),
  ...(["away-role", "pod-identity-target"] as const).map((kind) => ({
    identity: { kind, accountId: away, defaultAccountId: null },
    options: [bucketArn, queueArn].map((arn) => ({
      pattern: kind === "away-role" ? "oidc-federation" : "pod-identity",
      target: { arn, accountId: away },
    })),
  })),
];

const grantsOfOne = fc
  .tuple(
    workloads,
    fc.constantFrom(...shapes),
    fc.array(
      fc.option(fc.stringMatching(/^[A-Za-z0-9._=+@-]{1,60}$/)).chain((prefix) =>
        fc.record({
          choice: fc.nat(),
          level: fc.constantFrom<AccessLevel>(...accessLevels),
          prefix: fc.constant(prefix),
          onBucket: anyCustom(s3, prefix),
          onQueue: anyCustom(sqs, null),
          ends: fc.boolean(),
        }),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([workload, { identity, options }, wanted]): Omit<Grant, "id">[] =>
    wanted.flatMap(({ choice, level, prefix, onBucket, onQueue, ends }) => {
      const option = options[choice % options.length];
      if (!option) return [];
      const isBucket = option.target.arn.includes(":s3:");
      return [
        {
          workload,
          identity,
          ...option,
          level,
          ...(level === "custom" ? { custom: isBucket ? onBucket : onQueue } : {}),
          subResource: isBucket ? prefix : null,
          expiresAt: ends ? "2027-01-31T00:00:00Z" : null,
        },
      ];
    }),
  );

const anyGrants = fc
  .uniqueArray(grantsOfOne, {
    selector: ([first]) => (first ? workloadKey(first.workload) : ""),
    minLength: 1,
    maxLength: 3,
  })
  .map((groups) =>
    groups.flat().map((grant, index): Grant => ({ ...grant, id: String(index).padStart(12, "g") })),
  );

function each(check: (resources: CloudResource[], grants: Grant[]) => void): void {
  fc.assert(
    fc.property(anyGrants, (grants) => check(desiredResources(grants, where), grants)),
    { numRuns: 300 },
  );
}

function trustsOf(resources: CloudResource[]): Statement[] {
  return resources.flatMap((one) => (one.kind === "role" ? statementsOf(one.body.trust) : []));
}

const hasWildcard = (value: unknown) => /[*?]|\$\{/.test(JSON.stringify(value));

describe("invariant 8: every trust names exactly who it is for", { timeout: 60_000 }, () => {
  it("has no wildcard, no NotPrincipal, one principal and StringEquals", () => {
    each((resources) => {
      for (const trust of trustsOf(resources)) {
        expect(hasWildcard(trust)).toBe(false);
        expect(trust).not.toHaveProperty("NotPrincipal");
        expect(Object.values(trust.Principal ?? {}).flat()).toHaveLength(1);
        expect(trust.Condition).toHaveProperty("StringEquals");
      }
    });
  });

  it("web identities: one audience, one subject, the provider of the role's own account", () => {
    each((resources) => {
      for (const role of resources) {
        if (role.kind !== "role") continue;
        for (const trust of statementsOf(role.body.trust)) {
          const principal = trust.Principal === "*" ? {} : (trust.Principal ?? {});
          if (!("Federated" in principal)) continue;
          const issuer = String(principal.Federated).split("oidc-provider/")[1];
          expect(principal.Federated).toContain(`:iam::${role.accountId}:`);
          expect(Object.keys(trust.Condition ?? {})).toEqual(["StringEquals"]);
          const keys = trust.Condition?.StringEquals ?? {};
          expect(Object.keys(keys).sort()).toEqual([`${issuer}:aud`, `${issuer}:sub`]);
          expect(keys[`${issuer}:aud`]).toBe("sts.amazonaws.com");
          expect(keys[`${issuer}:sub`]).toMatch(/^system:serviceaccount:[^:]+:[^:]+$/);
          expect(listOf(trust.Action)).toEqual(["sts:AssumeRoleWithWebIdentity"]);
        }
      }
    });
  });

  it("AWS principals: one role of ours by its ARN, with an ExternalId or the workload's tags", () => {
    each((resources) => {
      const roles = new Set(resources.flatMap((one) => (one.kind === "role" ? [one.key] : [])));
      for (const trust of trustsOf(resources)) {
        const principal = trust.Principal === "*" ? {} : (trust.Principal ?? {});
        if (!("AWS" in principal)) continue;
        expect(roles).toContain(principal.AWS);
        const keys = Object.keys(trust.Condition?.StringEquals ?? {});
        expect(
          keys.includes("sts:ExternalId") ||
            keys.filter((key) => key.startsWith("aws:RequestTag/")).length === 3,
        ).toBe(true);
      }
    });
  });

  it("Pod Identity: all three request tags, and so wherever TagSession is trusted", () => {
    each((resources) => {
      for (const trust of trustsOf(resources)) {
        const service = trust.Principal !== "*" && trust.Principal?.Service === "pods.eks.amazonaws.com";
        if (!service && !listOf(trust.Action).includes("sts:TagSession")) continue;
        expect(Object.keys(trust.Condition?.StringEquals ?? {}).sort()).toEqual([
          "aws:RequestTag/eks-cluster-arn",
          "aws:RequestTag/kubernetes-namespace",
          "aws:RequestTag/kubernetes-service-account",
        ]);
      }
    });
  });

  it("ForAllValues only beside conditions that need its keys to be there", () => {
    each((resources) => {
      for (const trust of trustsOf(resources)) {
        const operators = Object.keys(trust.Condition ?? {});
        if (operators.some((name) => name.startsWith("ForAllValues")))
          expect(operators).toContain("StringEquals");
        expect(operators.some((name) => name.endsWith("IfExists"))).toBe(false);
      }
    });
  });
});

describe("invariant 10: workloads never share a role", { timeout: 60_000 }, () => {
  it("and each role says whose it is", () => {
    each((resources, grants) => {
      const owners = new Map(grants.map((grant) => [grant.id, workloadTag(grant.workload)]));
      for (const one of resources)
        if (one.kind !== "oidc-provider" && one.kind !== "resource-policy-statements")
          expect(new Set(one.owners.map((id) => owners.get(id))).size).toBe(1);
    });
  });
});

describe("permissions", { timeout: 60_000 }, () => {
  it("name actions and resources in full; a wildcard stands only for what is under a bucket or prefix", () => {
    each((resources) => {
      for (const one of resources) {
        const statements =
          one.kind === "role-policy"
            ? statementsOf(one.body.document)
            : one.kind === "resource-policy-statements"
              ? one.body.statements
              : [];
        for (const statement of statements) {
          expect(statement.Effect).toBe("Allow");
          expect(hasWildcard(statement.Action)).toBe(false);
          for (const resource of listOf(statement.Resource))
            if (hasWildcard(resource)) expect(resource).toMatch(/^arn:aws:s3:::[a-z0-9.-]+\/([^*?$]+\/)?\*$/);
        }
      }
    });
  });

  it("end with the grant, on both sides", () => {
    each((resources, grants) => {
      for (const grant of grants) {
        const own = resources.filter((one) => one.owners.length === 1 && one.owners[0] === grant.id);
        for (const one of own) {
          const statements =
            one.kind === "role-policy" && one.body.policyName.startsWith("grant-")
              ? statementsOf(one.body.document)
              : one.kind === "resource-policy-statements"
                ? one.body.statements
                : [];
          for (const statement of statements)
            expect(statement.Condition?.DateLessThan).toEqual(
              grant.expiresAt ? { "aws:CurrentTime": grant.expiresAt } : undefined,
            );
        }
      }
    });
  });
});

describe("AWS's limits", { timeout: 60_000 }, () => {
  it("hold for every document", () => {
    each((resources) => {
      for (const one of resources) {
        const tags = "tags" in one.body ? one.body.tags : {};
        for (const value of Object.values(tags)) {
          expect(value.length).toBeLessThanOrEqual(awsLimits.tagValue);
          expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
        }
        if (one.kind === "role") {
          expect(one.body.name.length).toBeLessThanOrEqual(awsLimits.roleName);
          expect(one.body.name).toMatch(/^[\w+=,.@-]+$/);
          expect(documentSize(one.body.trust)).toBeLessThanOrEqual(awsLimits.trustPolicy);
          expect(one.body.description).toMatch(/^[\t\n\r -~¡-ÿ]{0,1000}$/);
        }
        if (one.kind === "role-policy") expect(one.body.policyName).toMatch(/^[\w+=,.@-]{1,128}$/);
        if (one.kind === "resource-policy-statements")
          for (const statement of one.body.statements) {
            expect(statement.Sid).toMatch(/^[A-Za-z0-9]{1,100}$/);
            if (one.body.service === "sqs") expect(listOf(statement.Action).length).toBeLessThanOrEqual(7);
          }
      }
      for (const size of inlineSizes(resources).values())
        expect(size).toBeLessThanOrEqual(awsLimits.inlinePolicies);
    });
  });

  it("hold for a trust with the longest names there are", () => {
    const longest: Workload = {
      cluster: { accountId: home, region: "eu-west-1", name: "c".repeat(100) },
      namespace: "n".repeat(63),
      serviceAccount: Array.from({ length: 4 }, () => "s".repeat(62))
        .join(".")
        .padEnd(253, "s"),
    };
    expect(workloadSchema.safeParse(longest).success).toBe(true);
    for (const { identity, options } of shapes)
      for (const [index, option] of options.entries()) {
        const grant = {
          id: String(index).padStart(12, "g"),
          workload: longest,
          identity,
          ...option,
          level: "read-write" as const,
          subResource: null,
          expiresAt: null,
        };
        for (const trust of desiredResources([grant], where))
          if (trust.kind === "role")
            expect(documentSize(trust.body.trust)).toBeLessThanOrEqual(awsLimits.trustPolicy);
      }
  });
});

describe("names", () => {
  it("of 100,000 random workloads never collide, whatever their case", { timeout: 60_000 }, () => {
    const parts = ["a", "b", "a-b", "b-a", "a-", "A", "B", "ab"];
    const seen = new Map<string, string>();
    let state = 1;
    const next = (size: number) => {
      // Park and Miller's generator: the same pairs in every run.
      state = (state * 48_271) % 2_147_483_647;
      return state % size;
    };
    const pick = (index: number) =>
      `${parts[next(parts.length)]}${parts[next(parts.length)]}${index % 7}${parts[next(parts.length)]}`;
    for (let index = 0; index < 100_000; index += 1) {
      const workload: Workload = {
        cluster: { accountId: home, region: "eu-west-1", name: `${pick(index)}${"x".repeat(next(80))}` },
        namespace: pick(index).toLowerCase(),
        serviceAccount: `${pick(index).toLowerCase()}${next(100_000)}`,
      };
      const purpose = ["home", "away", "pod", "pod-target", "target"][next(5)] ?? "home";
      const name = roleName(workload, purpose);
      expect(name.length <= 64).toBe(true);
      const identity = `${workloadKey(workload)} ${purpose}`;
      const before = seen.get(name.toLowerCase());
      if (before !== undefined && before !== identity)
        throw new Error(`${before} and ${identity} are both ${name}`);
      seen.set(name.toLowerCase(), identity);
    }
    expect(seen.size).toBeGreaterThan(99_000);
  });

  it.each([
    ["a-b", "c", "a", "b-c"],
    ["a", "b.c", "a", "b-c"],
    ["n".repeat(63), `${"s".repeat(200)}a`, "n".repeat(63), `${"s".repeat(200)}b`],
  ])("tell %s/%s from %s/%s", (namespace, serviceAccount, otherNamespace, otherAccount) => {
    const of = (ns: string, sa: string): Workload => ({
      cluster: { accountId: home, region: "eu-west-1", name: "prod" },
      namespace: ns,
      serviceAccount: sa,
    });
    const [one, two] = [of(namespace, serviceAccount), of(otherNamespace, otherAccount)];
    expect(roleName(one, "home")).not.toBe(roleName(two, "home"));
    expect(workloadTag(one)).not.toBe(workloadTag(two));
  });

  it("of an external id fit AWS's rules, and differ by installation, workload and account", () => {
    const one: Workload = {
      cluster: { accountId: home, region: "eu-west-1", name: "prod" },
      namespace: "a",
      serviceAccount: "b",
    };
    const ids = [
      chainExternalId("acme", one, away),
      chainExternalId("other", one, away),
      chainExternalId("acme", one, third),
      chainExternalId("acme", { ...one, namespace: "c" }, away),
    ];
    for (const id of ids) expect(id).toMatch(/^[\w+=,.@:/-]{2,1224}$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(chainExternalId("acme", { ...one }, away)).toBe(ids[0]);
  });
});
