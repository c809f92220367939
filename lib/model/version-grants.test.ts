import { describe, expect, it } from "vitest";
import type { Estate } from "./estate.ts";
import type { Grant } from "./grant.ts";
import { estateOfVersion, type TargetFacts, targetFacts } from "./version-grants.ts";

const facts = (name: string, encryption: string | null = null): TargetFacts => ({
  arn: `arn:aws:s3:::${name}`,
  accountId: "444455556666",
  service: "s3",
  name,
  region: "eu-west-1",
  encryption,
});
const grant = (id: string, name: string, changes: Partial<Grant> = {}): Grant => ({
  id,
  workload: {
    cluster: { accountId: "111122223333", region: "eu-west-1", name: "main" },
    namespace: "pay",
    serviceAccount: "api",
  },
  target: { arn: `arn:aws:s3:::${name}`, accountId: "444455556666" },
  level: "read",
  subResource: null,
  pattern: "role-chaining",
  identity: { kind: "pod-identity", accountId: null, defaultAccountId: null },
  expiresAt: null,
  ...changes,
});
const estate = (...inventory: Estate["inventory"]): Estate => ({
  installation: "test",
  accounts: [],
  clusters: [],
  inventory,
  tags: {},
});

const [one, two] = [grant("g1", "a"), grant("g2", "b")];
const renewed = { ...one, expiresAt: "2027-01-01T00:00:00Z" };
const other = grant("g3", "a");
const [aThen, bThen] = [facts("a", "k1"), facts("b")];
const [aToday, bToday] = [facts("a", "k2"), facts("b", "k2")];
const kept = [aThen, bThen];
const today = [aToday, bToday];

describe("the targets of an approved version", () => {
  it.each<[string, Grant[], TargetFacts[] | null, Grant[], TargetFacts[]]>([
    ["are as they are where all of it stands", [one, two], kept, [one, two], today],
    ["are as they were where their access is gone", [one, two], kept, [two], [aThen, bToday]],
    ["are as they were where their access was changed", [one, two], kept, [renewed, two], [aThen, bToday]],
    ["are as they were whoever else has access by now", [one, two], kept, [two, other], [aThen, bToday]],
    ["are as they are where other access of it to them stands", [one, other], kept, [other], today],
    ["are unknown where they were when it was asked for", [one, two], [], [two], [bToday]],
    ["are as they are where it kept nothing of them", [one, two], null, [], today],
  ])("%s", (_, grants, targets, standing, inventory) => {
    const then = estateOfVersion(estate(...today), { grants, targets }, standing);
    const byArn = (items: Estate["inventory"]) => Object.fromEntries(items.map((item) => [item.arn, item]));
    expect(byArn(then.inventory)).toEqual(byArn(inventory));
  });

  it("are kept without what may change under an approval", () => {
    const tagged = { ...facts("a", "k1"), classification: "public" as const };
    expect(targetFacts([one], estate(tagged, facts("b")))).toEqual([facts("a", "k1")]);
  });
});
