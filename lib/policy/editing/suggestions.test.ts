import { describe, expect, it } from "vitest";
import { awsGlobalKeys, awsMetadata, awsServices } from "../metadata/aws.ts";
import { serviceVocabulary } from "./service-vocabulary.ts";
import { suggestionsFor } from "./suggestions.ts";
import type { VocabularySource } from "./vocabulary.ts";

const source: VocabularySource = {
  all: async () => ({ services: awsServices, globalKeys: awsGlobalKeys }),
  service: async (prefix) => serviceVocabulary(prefix, awsMetadata),
};

async function texts(...[wanted, typed]: [Parameters<typeof suggestionsFor>[0], string?]) {
  const found = await suggestionsFor(wanted, typed ?? "", source);
  return (found?.suggestions ?? []).map(({ text }) => text);
}

describe("what a policy editor suggests", () => {
  it("services first, then the actions of the one that is typed, with their access level", async () => {
    expect(await texts({ what: "action" }, "s")).toContain("s3:");
    expect(await texts({ what: "action" }, "S3:Get")).toContain("s3:GetObject");
    const found = await suggestionsFor({ what: "action" }, "s3:", source);
    expect(found?.suggestions.find(({ text }) => text === "s3:DeleteObject")).toMatchObject({
      detail: "write",
      info: expect.stringMatching(/^On: .*\bobject\b/),
    });
    expect(await texts({ what: "action" }, "nosuchservice:")).toEqual([]);
  });

  it("the ARNs that the statement's actions take, and no others", async () => {
    const found = await texts({ what: "resource", actions: ["sqs:SendMessage", "s3:GetObject"] });
    expect(found).toContain("arn:aws:sqs:Region:Account:QueueName");
    expect(found).toContain("arn:aws:s3:::BucketName/ObjectName");
    expect(found).not.toContain("arn:aws:s3:::BucketName");
    expect(found.at(-1)).toBe("*");
  });

  it("the condition keys that the actions carry before those of all services", async () => {
    const found = await texts({ what: "condition-key", actions: ["s3:List*"] });
    expect(found.indexOf("s3:prefix")).toBeGreaterThanOrEqual(0);
    expect(found.indexOf("s3:prefix")).toBeLessThan(found.indexOf("aws:SourceIp"));
    expect(await texts({ what: "condition-key", actions: ["sqs:SendMessage"] })).not.toContain("s3:prefix");
  });

  it("of the elements those that are not there yet", async () => {
    const found = await texts({ what: "statement-element", present: ["Effect", "Action"] });
    expect(found).toContain("Resource");
    expect(found).not.toContain("Effect");
  });

  it("every operator as AWS spells it", async () => {
    expect(await texts({ what: "operator" })).toEqual(
      expect.arrayContaining(["StringLike", "Null", "ArnLike"]),
    );
  });
});
