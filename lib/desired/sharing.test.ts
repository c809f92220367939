import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { DesiredStateError } from "./context.ts";
import { desiredResources } from "./desired-resources.ts";
import {
  away,
  bucketArn,
  estate,
  grant,
  home,
  homeBucketArn,
  identity,
  queueArn,
  third,
  workload,
} from "./testing/organisation.ts";

const a = "aaaaaaaaaaaa";
const b = "bbbbbbbbbbbb";
const homeTarget = { arn: homeBucketArn, accountId: home };
const queue = { arn: queueArn, accountId: away };
const thirdTarget = { arn: "arn:aws:s3:::third-data", accountId: third };
const other = workload({ serviceAccount: "invoices" });
const pod = workload({ cluster: "agents" });
const fromHome = identity("home-role");

/** `kind account owners`, so that a table reads like "What is shared, and by whom". */
function summary(grants: Grant[]): string[] {
  return desiredResources(grants, estate())
    .map(
      (resource) =>
        `${nameOf(resource)} in ${resource.accountId}: ${resource.owners.map((id) => id[0]).join("")}`,
    )
    .sort();
}

function nameOf(resource: CloudResource): string {
  if (resource.kind === "role-policy")
    return `policy ${resource.body.policyName.replaceAll(/(.)\1{11}/g, "$1")}`;
  return resource.kind === "resource-policy-statements" ? "statements" : resource.kind;
}

describe("what is shared, and by whom", () => {
  it.each<[string, Grant[], string[]]>([
    [
      "two grants of a home role: role and provider of both, a policy each",
      [grant({ pattern: "irsa", target: homeTarget }), grant({ id: b, target: queue })],
      [
        `oidc-provider in ${home}: ab`,
        `policy grant-a in ${home}: a`,
        `policy grant-b in ${home}: b`,
        `role in ${home}: ab`,
        `statements in ${away}: b`,
      ],
    ],
    [
      "two chained grants in one account: one target role, one permission to assume it",
      [
        grant({ pattern: "role-chaining", identity: fromHome }),
        grant({ id: b, pattern: "role-chaining", identity: fromHome, target: queue }),
      ],
      [
        `oidc-provider in ${home}: ab`,
        `policy assume-${away} in ${home}: ab`,
        `policy grant-a in ${away}: a`,
        `policy grant-b in ${away}: b`,
        `role in ${away}: ab`,
        `role in ${home}: ab`,
      ],
    ],
    [
      "chained grants in two accounts: a target role each",
      [
        grant({ pattern: "role-chaining", identity: fromHome }),
        grant({ id: b, pattern: "role-chaining", identity: fromHome, target: thirdTarget }),
      ],
      [
        `oidc-provider in ${home}: ab`,
        `policy assume-${away} in ${home}: a`,
        `policy assume-${third} in ${home}: b`,
        `policy grant-a in ${away}: a`,
        `policy grant-b in ${third}: b`,
        `role in ${away}: a`,
        `role in ${home}: ab`,
        `role in ${third}: b`,
      ],
    ],
    [
      "two workloads of one cluster: the provider only",
      [grant({ pattern: "oidc-federation" }), grant({ id: b, pattern: "oidc-federation", workload: other })],
      [
        `oidc-provider in ${away}: ab`,
        `policy grant-a in ${away}: a`,
        `policy grant-b in ${away}: b`,
        `role in ${away}: a`,
        `role in ${away}: b`,
      ],
    ],
    [
      "two grants of a Pod Identity: role and association of both",
      [
        grant({ pattern: "pod-identity", workload: pod, target: homeTarget }),
        grant({ id: b, pattern: "resource-policy", workload: pod, identity: identity("pod-identity") }),
      ],
      [
        `pod-identity-association in ${home}: ab`,
        `policy grant-a in ${home}: a`,
        `policy grant-b in ${home}: b`,
        `role in ${home}: ab`,
        `statements in ${away}: b`,
      ],
    ],
    [
      "two grants of a Pod Identity with a target: both roles of both",
      [
        grant({ pattern: "pod-identity", workload: pod, identity: identity("pod-identity-target", away) }),
        grant({
          id: b,
          pattern: "pod-identity",
          workload: pod,
          identity: identity("pod-identity-target", away),
          target: queue,
        }),
      ],
      [
        `pod-identity-association in ${home}: ab`,
        `policy assume-${away} in ${home}: ab`,
        `policy grant-a in ${away}: a`,
        `policy grant-b in ${away}: b`,
        `role in ${away}: ab`,
        `role in ${home}: ab`,
      ],
    ],
  ])("%s", (_, grants, expected) => {
    expect(summary(grants)).toEqual([...expected].sort());
    expect(summary([...grants].reverse()).map((line) => line.replace("ba", "ab"))).toEqual(
      [...expected].sort(),
    );
  });

  it("leaves what a first grant has as it is when a second one comes", () => {
    const first = grant({ pattern: "role-chaining", identity: fromHome });
    const alone = desiredResources([first], estate());
    for (const second of [
      grant({
        id: b,
        pattern: "role-chaining",
        identity: fromHome,
        target: queue,
        expiresAt: "2027-01-31T00:00:00Z",
      }),
      grant({ id: b, pattern: "resource-policy", target: thirdTarget }),
      grant({ id: b, pattern: "irsa", target: homeTarget, level: "write" }),
    ]) {
      const both = desiredResources([first, second], estate());
      for (const resource of alone)
        expect(both.find(({ key }) => key === resource.key)?.body).toEqual(resource.body);
    }
  });

  it("has every dependency among the resources, or none of its own", () => {
    const resources = desiredResources(
      [
        grant({ pattern: "role-chaining" }),
        grant({ id: b, pattern: "pod-identity", workload: pod, target: homeTarget }),
      ],
      estate(),
    );
    const keys = new Set(resources.map(({ key }) => key));
    for (const { dependsOn } of resources) for (const key of dependsOn) expect(keys).toContain(key);
  });

  it("gives statements of two grants on one bucket different Sids", () => {
    const resources = desiredResources(
      [grant(), grant({ id: b, level: "write", target: { arn: bucketArn, accountId: away } })],
      estate(),
    );
    const sids = resources.flatMap((one) =>
      one.kind === "resource-policy-statements" ? one.body.statements.map(({ Sid }) => Sid) : [],
    );
    expect(sids).toEqual([`Drawbridge${a}0`, `Drawbridge${a}1`, `Drawbridge${b}0`]);
  });
});

describe("grants that can't be compiled", () => {
  it.each<[string, Partial<Grant>[], RegExp]>([
    [
      "two identities of one service account",
      [{}, { id: b, identity: identity("away-role", away) }],
      /two identities/,
    ],
    ["an unknown pattern", [{ pattern: "vpn" }], /Unknown access pattern/],
    [
      "a pattern named like an inherited property",
      [{ pattern: "constructor", identity: fromHome }],
      /Unknown access pattern/,
    ],
    ["an unknown identity", [{ identity: identity("toString") }], /Unknown identity/],
    ["an away role nowhere", [{ identity: identity("away-role") }], /needs an account/],
    ["an unregistered cluster", [{ workload: workload({ cluster: "gone" }) }], /not registered/],
    ["an unknown service", [{ target: { arn: "arn:aws:constructor:::x", accountId: away } }], /not a target/],
    ["no ARN", [{ target: { arn: "reports", accountId: away } }], /not a target/],
    [
      "an unregistered account",
      [{ pattern: "role-chaining", target: { arn: bucketArn, accountId: "000000000000" } }],
      /not registered/,
    ],
  ])("%s", (_, grants, message) => {
    expect(() =>
      desiredResources(
        grants.map((one) => grant(one)),
        estate(),
      ),
    ).toThrow(DesiredStateError);
    expect(() =>
      desiredResources(
        grants.map((one) => grant(one)),
        estate(),
      ),
    ).toThrow(message);
  });

  it("a cluster without an issuer", () => {
    const where = estate();
    const clusters = where.clusters.map((one) => ({ ...one, issuer: null }));
    expect(() => desiredResources([grant()], { ...where, clusters })).toThrow(/no OIDC issuer/);
  });
});
