import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import { anyCustom, anyValues } from "#lib/desired/testing/any-custom.ts";
import { everyPattern } from "#lib/desired/testing/every-pattern.ts";
import { account, away, estate, keyArn } from "#lib/desired/testing/organisation.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import { accessLevels } from "#lib/model/grant.ts";
import { onboardingDocuments } from "#lib/render/onboarding/template.ts";
import { awsMetadata } from "../metadata/aws.ts";
import { entryOf } from "./catalogue.ts";
import { type CheckOptions, checkPolicy } from "./check-policy.ts";

/** The policies of a resource, and where they hang. */
function documentsOf(resource: CloudResource): [unknown, Omit<CheckOptions, "metadata">][] {
  const { accountId } = resource;
  if (resource.kind === "role") return [[resource.body.trust, { kind: "trust", accountId }]];
  if (resource.kind === "role-policy") return [[resource.body.document, { kind: "identity", accountId }]];
  if (resource.kind !== "resource-policy-statements") return [];
  const { statements, service } = resource.body;
  return [
    [
      { Version: "2012-10-17", Statement: statements },
      { kind: "resource", accountId, service },
    ],
  ];
}

/** All that custom access may list, under conditions that every request has, in one statement. */
function allOf(arn: string, subResource: string | null): CustomPermissions {
  const actions = serviceOf(arn.split(":")[2] ?? "")?.actions ?? [];
  const conditions = [
    { operator: "IpAddress", key: "aws:SourceIp", values: ["203.0.113.0/24", "2001:db8::/32"] },
    { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
  ];
  const possible = actions.filter(({ wholeOnly }) => !wholeOnly || subResource === null);
  return [{ actions: possible.map(({ action }) => action), conditions }];
}

describe("what Drawbridge writes itself", () => {
  it.each(everyPattern.map((one) => [one.name, one.asked] as const))("%s: nothing is found", (_, asked) => {
    const parts = asked.target.arn.includes(":s3:") ? [null, "2026/reports"] : [null];
    let checked = 0;
    for (const level of accessLevels) {
      for (const subResource of parts) {
        for (const expiresAt of [null, "2026-12-31T00:00:00Z"]) {
          for (const encryption of [null, keyArn]) {
            const inventory = estate().inventory.map((one) =>
              one.arn === asked.target.arn ? { ...one, encryption } : one,
            );
            const own = level === "custom" ? { custom: allOf(asked.target.arn, subResource) } : {};
            const grant = { ...asked, level, ...own, subResource, expiresAt };
            for (const [document, where] of desiredResources([grant], estate({ inventory })).flatMap(
              documentsOf,
            )) {
              const now = new Date("2026-07-01T00:00:00Z");
              expect(checkPolicy(document, { ...where, now, metadata: awsMetadata })).toEqual([]);
              checked += 1;
            }
          }
        }
      }
    }
    expect(checked).toBeGreaterThan(parts.length * 12);
  });

  it("the provisioner's documents have what they are for, and nothing else", () => {
    const { trust, policy, boundary } = onboardingDocuments({
      account: account(away),
      installation: "acme",
      issuerRegions: ["eu-west-1"],
      workerArn: "arn:aws:iam::999999999999:role/drawbridge-worker",
    });
    const found = (document: unknown, kind: CheckOptions["kind"]) =>
      checkPolicy(document, { kind, accountId: away, metadata: awsMetadata })
        .filter(({ severity }) => severity !== "suggestion")
        .map(({ id, statement }) => [statement?.sid, id]);
    // The worker names itself and the request in session tags when it runs under EKS Pod Identity.
    expect(found(trust, "trust")).toEqual([["NameTheRequest", "trust.free-tags"]]);
    expect(found(policy, "identity")).toEqual([
      // Roles on our path, under the boundary, to EKS alone: that is what Pod Identity takes.
      ["PassOurRolesToPodIdentity", "escalation.pass-role-and-run"],
      // The resource-policy pattern writes policies of buckets and queues; which ones no template can know.
      ["BucketPolicies", "action.changes-permissions"],
      ["BucketPolicies", "action.changes-permissions"],
      ["QueuePolicies", "action.changes-permissions"],
      ["QueuePolicies", "resource.any-written"],
    ]);
    expect(found(boundary, "boundary")).toEqual([]);
  });
});

describe("custom access that is admitted", () => {
  it.each(["s3", "sqs"])("of %s has nothing worse than a suggestion", (id) => {
    const service = serviceOf(id);
    if (!service) throw new Error(`no service ${id}`);
    const ofService = everyPattern.filter(({ asked }) => asked.target.arn.includes(`:${id}:`));
    const grants = [...new Map(ofService.map((one) => [one.asked.pattern, one])).values()];
    const found = new Set<string>();
    let conditions = 0;
    fc.assert(
      fc.property(fc.constantFrom(...grants), anyCustom(service, null, anyValues), ({ asked }, custom) => {
        conditions += custom.flatMap((one) => one.conditions).length;
        const resources = desiredResources([{ ...asked, level: "custom", custom }], estate());
        for (const [document, where] of resources.flatMap(documentsOf))
          for (const { id: finding } of checkPolicy(document, { ...where, metadata: awsMetadata }))
            if (entryOf(finding).severity !== "suggestion")
              found.add(`${finding}: ${JSON.stringify(custom)}`);
      }),
      { numRuns: 2_000 },
    );
    expect([...found]).toEqual([]);
    expect(conditions).toBeGreaterThan(200);
  });
});
