import { describe, expect, it } from "vitest";
import {
  away,
  estate,
  grant,
  home,
  homeBucketArn,
  identity,
  third,
  workload,
} from "#lib/desired/testing/organisation.ts";
import { workloadAccess } from "#lib/desired/workload-access.ts";
import type { Grant } from "#lib/model/grant.ts";
import { awsConfig, awsConfigSections } from "./aws-config.ts";
import { notesFor } from "./notes.ts";

const accessOf = (...grants: Grant[]) => workloadAccess(grants, estate());
const chain = (more: Partial<Grant> = {}) => grant({ pattern: "role-chaining", ...more });
const thirdTarget = { arn: "arn:aws:s3:::third-data", accountId: third };
const homeTarget = { arn: homeBucketArn, accountId: home };

const headers = (access: ReturnType<typeof accessOf>) =>
  awsConfigSections(access).map(({ header }) => header);
const defaultsTo = (accountId: string | null) => identity("home-role", null, accountId);

describe("AWS config", () => {
  it.each([
    ["no chained grant", [grant()], []],
    [
      "first grant chained",
      [chain()],
      ["default", "profile drawbridge-identity", `profile drawbridge-${away}`],
    ],
    [
      "chained later: the default stays the identity's role",
      [grant(), chain({ id: "bbbbbbbbbbbb", identity: defaultsTo(null) })],
      ["profile drawbridge-identity", `profile drawbridge-${away}`],
    ],
    [
      "two targets in one account share a profile",
      [chain(), chain({ id: "bbbbbbbbbbbb", subResource: "x" })],
      ["default", "profile drawbridge-identity", `profile drawbridge-${away}`],
    ],
    [
      "a second account never becomes the default",
      [chain(), chain({ id: "bbbbbbbbbbbb", target: thirdTarget })],
      ["default", "profile drawbridge-identity", `profile drawbridge-${away}`, `profile drawbridge-${third}`],
    ],
    [
      "the default's grant is gone",
      [chain({ target: thirdTarget })],
      ["profile drawbridge-identity", `profile drawbridge-${third}`],
    ],
  ])("%s", (_, grants, expected) => {
    expect(headers(accessOf(...grants))).toEqual(expected);
  });

  it("starts at the token file from a web identity", () => {
    const access = accessOf(chain());
    const [target] = access.profiles;
    const link = {
      role_arn: target?.roleArn,
      source_profile: "drawbridge-identity",
      external_id: target?.externalId,
      region: "eu-west-1",
    };
    expect(awsConfigSections(access).map(({ values }) => values)).toEqual([
      link,
      {
        role_arn: access.roleArn,
        web_identity_token_file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
        region: "eu-west-1",
      },
      link,
    ]);
  });

  it("starts at the container's credentials from Pod Identity, without a token file", () => {
    const access = accessOf(
      chain({ workload: workload({ cluster: "agents" }), identity: identity("pod-identity") }),
    );
    expect(awsConfigSections(access)).toEqual([
      {
        header: `profile drawbridge-${away}`,
        values: {
          role_arn: access.profiles[0]?.roleArn,
          credential_source: "EcsContainer",
          external_id: access.profiles[0]?.externalId,
          region: "eu-west-1",
        },
      },
    ]);
  });

  it("refuses values that would begin a line of their own", () => {
    const access = accessOf(chain());
    const [target] = access.profiles;
    if (!target) throw new Error("no profile");
    for (const externalId of ["x\nrole_arn = y", "x]\n[default", "", "x # y"])
      expect(() => awsConfig({ ...access, profiles: [{ ...target, externalId }] })).toThrow(RangeError);
  });

  it("names the identity's own profile where a chained role is the default", () => {
    const own = grant({
      id: "bbbbbbbbbbbb",
      pattern: "irsa",
      identity: defaultsTo(away),
      target: homeTarget,
    });
    expect(accessOf(chain(), own).grants.map(({ profile }) => profile)).toEqual([
      `drawbridge-${away}`,
      "drawbridge-identity",
    ]);
    expect(accessOf(own).grants.map(({ profile }) => profile)).toEqual([null]);
  });
});

describe("notes", () => {
  const pod = workload({ cluster: "agents" });
  const queue = { arn: `arn:aws:sqs:eu-west-1:${away}:orders`, accountId: away };

  it.each([
    ["home role", [grant({ pattern: "irsa", target: homeTarget })], ["restart-pods", "who-else"]],
    [
      "pod identity",
      [
        grant({
          workload: pod,
          identity: identity("pod-identity"),
          pattern: "pod-identity",
          target: homeTarget,
        }),
      ],
      ["restart-pods", "pod-identity-cache", "who-else"],
    ],
    ["chained, default", [chain()], ["restart-pods", "java-sdk-v2", "chained-session", "who-else"]],
    [
      "chained, named",
      [chain({ identity: identity("home-role") })],
      ["restart-pods", "named-profile", "java-sdk-v2", "chained-session", "who-else"],
    ],
    [
      "chained from Pod Identity",
      [chain({ workload: pod, identity: identity("pod-identity") })],
      ["restart-pods", "named-profile", "pod-identity-cache", "chained-session", "who-else"],
    ],
    [
      "chained by default, and its own role",
      [
        chain(),
        grant({ id: "bbbbbbbbbbbb", pattern: "irsa", identity: defaultsTo(away), target: homeTarget }),
      ],
      ["restart-pods", "identity-profile", "java-sdk-v2", "chained-session", "who-else"],
    ],
    ["prefix", [grant({ subResource: "exports/2026" })], ["restart-pods", "prefix-head-bucket", "who-else"]],
    [
      "queue of another account, written to",
      [grant({ target: queue, level: "write" })],
      ["restart-pods", "check-sends-message", "queue-url", "who-else"],
    ],
    ["queue, read only", [grant({ target: queue })], ["restart-pods", "queue-url", "who-else"]],
  ])("%s", (_, grants, expected) => {
    expect(notesFor(accessOf(...grants)).map(({ id }) => id)).toEqual(expected);
  });
});
