import { match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "#lib/model/digest.ts";
import { type Workload, workloadKey, workloadSchema } from "#lib/model/workload.ts";
import { chainExternalId, roleName } from "../names.ts";

/** Names as long and odd as Kubernetes and EKS allow. */
const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  fc.constantFrom("a", "a-b", "b", "payments", "p".repeat(63), `${"p".repeat(62)}q`),
);
const clusterName = fc.oneof(
  fc.stringMatching(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/),
  fc.constantFrom("prod", "Prod", "prod-a", "c".repeat(100), `${"c".repeat(99)}d`),
);
const workload: fc.Arbitrary<Workload> = fc
  .record({
    accountId: fc.constantFrom("111122223333", "444455556666"),
    region: fc.constantFrom("eu-west-1", "eu-west-2"),
    name: clusterName,
    namespace: label,
    serviceAccount: fc.oneof(
      label,
      fc.tuple(label, label).map((parts) => parts.join(".")),
    ),
  })
  .map(({ namespace, serviceAccount, ...cluster }) => ({ cluster, namespace, serviceAccount }));

type Twist = (workload: Workload) => Workload;

/** What makes two workloads look the same once their names are joined, cut or folded. */
const twists: Record<string, Twist> = {
  same: (one) => structuredClone(one),
  "another Region": (one) => inCluster(one, { region: "us-east-1" }),
  "another account": (one) => inCluster(one, { accountId: "777788889999" }),
  "other case": (one) => inCluster(one, { name: one.cluster.name.toUpperCase() }),
  "longer past the cut": ({ serviceAccount, ...rest }) => ({ ...rest, serviceAccount: `${serviceAccount}x` }),
  "the hyphen elsewhere": ({ cluster, namespace, serviceAccount }) => {
    const [first = "", ...more] = serviceAccount.split("-");
    return more.length > 0
      ? { cluster, namespace: `${namespace}-${first}`, serviceAccount: more.join("-") }
      : { cluster, namespace: serviceAccount, serviceAccount: namespace };
  },
  "the cluster's end before the namespace": ({ cluster, namespace, serviceAccount }) => {
    const at = cluster.name.lastIndexOf("-");
    return at < 1
      ? { cluster, namespace: serviceAccount, serviceAccount: namespace }
      : {
          cluster: { ...cluster, name: cluster.name.slice(0, at) },
          namespace: `${cluster.name.slice(at + 1)}-${namespace}`,
          serviceAccount,
        };
  },
};

function inCluster({ cluster, ...rest }: Workload, change: Partial<Workload["cluster"]>): Workload {
  return { ...rest, cluster: { ...cluster, ...change } };
}

const pairs = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(workload, workload) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(workload, fc.constantFrom(...Object.values(twists)))
      .map(([one, twist]): [Workload, Workload] => [one, twist(one)]),
  },
);

/** Two workloads have the same names in AWS exactly when they are one. A broken promise is an AssertionError. */
export const namesApart = fc.property(pairs, fc.constantFrom("identity", "444455556666"), (pair, purpose) => {
  fc.pre(pair.every((each) => workloadSchema.safeParse(each).success));
  const same = new Set(pair.map((each) => canonicalJson(each))).size === 1;
  const names = pair.map((each) => roleName(each, purpose));
  for (const name of names) {
    // Source: IAM User Guide, "IAM and AWS STS quotas" and "Name requirements".
    ok(name.length <= 64);
    match(name, /^[\w+=,.@-]+$/);
  }
  // IAM takes names that differ in case alone for one name.
  strictEqual(new Set(names.map((name) => name.toLowerCase())).size === 1, same);
  strictEqual(new Set(pair.map((each) => chainExternalId("acme", each, "444455556666"))).size === 1, same);
  strictEqual(new Set(pair.map(workloadKey)).size === 1, same);
  strictEqual(new Set(pair.map((each) => roleName(each, `${purpose}-2`)).concat(names)).size, same ? 2 : 4);
});
