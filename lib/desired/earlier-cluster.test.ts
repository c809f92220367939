import { describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import { leftByEarlierCluster } from "./earlier-cluster.ts";
import {
  away,
  estate,
  grant,
  home,
  homeBucketArn,
  issuer,
  queueArn,
  workload,
} from "./testing/organisation.ts";

const a = "aaaaaaaaaaaa";
const b = "bbbbbbbbbbbb";
const earlier = "oidc.eks.eu-west-1.amazonaws.com/id/00000000000000000000000000000009";
const { cluster } = workload();
const atHome = { arn: homeBucketArn, accountId: home };
const invoices = workload({ serviceAccount: "invoices" });

/** What goes with the first grant, as `kind account`, beside others with the issuer that each is bound to. */
function gone(going: [Grant, string | null], ...others: [Grant, string | null][]): string[] {
  const [taken, bound] = going;
  return leftByEarlierCluster(cluster, estate(), {
    going: [{ grants: [taken], issuer: bound }],
    staying: {
      grants: others.map(([one]) => one),
      issuers: new Map(others.map(([one, to]) => [one.id, to])),
    },
  })
    .filter(({ kind }) => kind === "oidc-provider")
    .map(({ kind, accountId, key }) => `${kind} ${accountId} ${key.split("/").at(-1)?.at(-1)}`);
}

describe("what grants of a cluster that was made anew leave behind", () => {
  const irsa = grant({ id: a, pattern: "irsa", target: atHome });
  const beside = grant({ id: b, pattern: "irsa", target: atHome, workload: invoices });
  const abroad = grant({ id: a, pattern: "oidc-federation", target: { arn: queueArn, accountId: away } });

  it.each<[string, Parameters<typeof gone>, string[]]>([
    ["the provider of the issuer that it is bound to", [[irsa, earlier]], [`oidc-provider ${home} 9`]],
    ["the one in the target's account", [[abroad, earlier]], [`oidc-provider ${away} 9`]],
    ["nothing while the cluster is the one of its approval", [[irsa, issuer]], []],
    ["nothing where its approval bound no issuer", [[irsa, null]], []],
    [
      "not what another workload's grant of that cluster needs",
      [
        [irsa, earlier],
        [beside, earlier],
      ],
      [],
    ],
    [
      "what another workload needs of the new cluster only",
      [
        [irsa, earlier],
        [beside, issuer],
      ],
      [`oidc-provider ${home} 9`],
    ],
  ])("is %s", (_, given, expected) => {
    expect(gone(...given)).toEqual(expected);
  });
});
