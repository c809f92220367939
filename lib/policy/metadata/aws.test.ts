import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { awsMetadata } from "./aws.ts";

describe("AWS's metadata", () => {
  it("knows a service's actions, what they take and how AWS spells them, in any case", () => {
    const s3 = awsMetadata.service("S3");
    const get = s3?.actions.get("getobject");
    expect(get).toMatchObject({ name: "GetObject", level: "read" });
    expect(get?.resourceTypes.map(({ name }) => name)).toContain("object");
    expect(s3?.actions.get("listallmybuckets")?.resourceTypes).toEqual([]);
    expect(s3?.actions.get("putbucketpolicy")?.level).toBe("permissions");
    expect(get?.keys).toContain("s3:ExistingObjectTag/<key>");
    expect(awsMetadata.service("s4")).toBeNull();
    expect([awsMetadata.service("ec2")?.tagged, awsMetadata.service("route53")?.tagged]).toEqual([
      true,
      false,
    ]);
  });

  it("finds condition keys in any case and with the part that a request fills in", () => {
    const sts = awsMetadata.service("sts");
    expect(sts?.key("STS:ExternalId")).toMatchObject({ key: "sts:ExternalId", type: "String", many: false });
    expect(sts?.key("sts:TransitiveTagKeys")).toMatchObject({ many: true });
    expect(awsMetadata.globalKey("aws:requesttag/team")?.key).toBe("aws:RequestTag/$".concat("{TagKey}"));
    expect(awsMetadata.globalKey("aws:RequestTag")).toBeNull();
    expect(awsMetadata.globalKey("aws:CurrentTime")?.type).toBe("Date");
    expect(awsMetadata.isKeyPrefix("saml")).toBe(true);
  });

  it("stays a small part of the repository", () => {
    expect(statSync(new URL("./table.json", import.meta.url)).size).toBeLessThan(1_500_000);
  });
});
