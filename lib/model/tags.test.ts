import { describe, expect, it } from "vitest";
import { isOurs, ownershipTags, tagKeys, workloadTag } from "./tags.ts";
import { type Workload, workloadKey, workloadSchema } from "./workload.ts";

const workload = (serviceAccount: string, namespace = "payments"): Workload => ({
  cluster: { accountId: "111122223333", region: "eu-west-1", name: "c".repeat(100) },
  namespace,
  serviceAccount,
});

describe("the workload's tag", () => {
  it("is the workload's key where that fits", () => {
    expect(workloadTag(workload("reports"))).toBe(workloadKey(workload("reports")));
  });

  it("fits into 256 characters and tells apart names that differ at their end only", () => {
    const long = Array.from({ length: 4 }, () => "s".repeat(62)).join(".");
    const one = workload(`${long}a`, "n".repeat(63));
    const two = workload(`${long}b`, "n".repeat(63));
    expect(workloadSchema.safeParse(one).success).toBe(true);
    for (const tag of [workloadTag(one), workloadTag(two)]) {
      expect(tag).toHaveLength(256);
      expect(tag).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
    }
    expect(workloadTag(one)).not.toBe(workloadTag(two));
  });
});

describe("ownership", () => {
  const tags = ownershipTags("acme", workload("reports"));

  it.each([
    ["our tags", tags, true],
    ["our tags and others", { ...tags, team: "x" }, true],
    ["another installation's", ownershipTags("other"), false],
    ["no installation", { [tagKeys.managedBy]: "drawbridge" }, false],
    ["somebody else's tool", { ...tags, [tagKeys.managedBy]: "terraform" }, false],
    ["no tags", {}, false],
  ])("%s", (_, found, expected) => {
    expect(isOurs(found, "acme")).toBe(expected);
  });
});
