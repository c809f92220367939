import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
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
} from "#lib/desired/testing/organisation.ts";
import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { closureOf } from "./closure.ts";
import { makePlan, type Plan, planSummary, type Verb } from "./plan.ts";

const a = "aaaaaaaaaaaa";
const b = "bbbbbbbbbbbb";
const queue = { arn: queueArn, accountId: away };
const homeTarget = { arn: homeBucketArn, accountId: home };
const pod = workload({ cluster: "agents" });
const fromHome = identity("home-role");
const podTarget = identity("pod-identity-target", away);

const desired = (...grants: Partial<Grant>[]) =>
  desiredResources(
    grants.map((one) => grant(one)),
    estate(),
  );

/** Everything as desired, made by us. */
function present(
  resources: readonly CloudResource[],
  change: (one: CloudResource) => Partial<Observed> = () => ({}),
): ObservedState {
  return Object.fromEntries(
    resources.map((one) => [
      one.key,
      { state: "present", ours: true, body: one.body, ...change(one) } as Observed,
    ]),
  );
}

/** `verb kind account`, in order of the plan's keys. */
function summary(plan: Plan): string[] {
  return plan.steps.map(({ verb, resource }) => `${verb} ${short(resource)}`).sort();
}

function short(resource: CloudResource): string {
  const name =
    resource.kind === "role-policy" ? ` ${resource.body.policyName.replaceAll(/(\w)\1{11}/g, "$1")}` : "";
  const where = resource.accountId === home ? "home" : resource.accountId === away ? "away" : "third";
  return `${resource.kind}${name} in ${where}`;
}

const all = (verb: Verb, resources: readonly CloudResource[]) =>
  resources.map((one) => `${verb} ${short(one)}`).sort();

describe("create", () => {
  it.each<[string, Partial<Grant>]>([
    ["irsa", { pattern: "irsa", target: homeTarget }],
    ["oidc-federation", { pattern: "oidc-federation" }],
    ["role-chaining", { pattern: "role-chaining" }],
    ["resource-policy", {}],
    ["pod-identity", { pattern: "pod-identity", workload: pod, target: homeTarget }],
    ["pod-identity with target", { pattern: "pod-identity", workload: pod, identity: podTarget }],
  ])("%s: all of it, each after what it needs; then nothing", (_, asked) => {
    const after = desired(asked);
    const plan = makePlan({ before: [], after, grantIds: [a], observed: {} });
    expect(summary(plan)).toEqual(all("create", after));
    for (const step of plan.steps) expect(step.dependsOn).toEqual(step.resource.dependsOn);

    const again = makePlan({ before: [], after, grantIds: [a], observed: present(after) });
    expect(summary(again)).toEqual(all("keep", after));
    expect(planSummary(again)).toEqual({ changes: 0, conflicts: [], empty: true });
  });

  it("a second grant of a workload touches only what is new", () => {
    const before = desired({ pattern: "role-chaining", identity: fromHome });
    const after = desired(
      { pattern: "role-chaining", identity: fromHome },
      { id: b, target: queue, pattern: "role-chaining", identity: fromHome },
    );
    expect(summary(makePlan({ before, after, grantIds: [b], observed: present(before) }))).toEqual([
      "create role-policy grant-b in away",
      "keep oidc-provider in home",
      "keep role in away",
      "keep role in home",
      `keep role-policy assume-${away} in home`,
    ]);
  });

  it("leaves a sibling's drift alone, and repairs its own", () => {
    const after = desired({ pattern: "irsa", target: homeTarget }, { id: b });
    const drifted = present(after);
    for (const one of after) if (one.kind === "role-policy") drifted[one.key] = { state: "absent" };
    const plan = makePlan({ before: after, after, grantIds: [b], observed: drifted });
    expect(summary(plan).filter((line) => line.startsWith("create"))).toEqual([
      "create role-policy grant-b in home",
    ]);
    expect(plan.steps.some(({ resource }) => resource.owners.join() === a)).toBe(false);
  });
});

describe("what is there already", () => {
  const after = desired({});
  const verbOf = (kind: CloudResource["kind"], observed: (one: CloudResource) => Partial<Observed>) => {
    const plan = makePlan({
      before: [],
      after,
      grantIds: [a],
      observed: present(after, (one) => (one.kind === kind ? observed(one) : {})),
    });
    return plan.steps.find(({ resource }) => resource.kind === kind);
  };
  const withoutTags = (one: CloudResource) => ({ body: { ...one.body, tags: {} } }) as Partial<Observed>;

  it.each<[string, CloudResource["kind"], (one: CloudResource) => Partial<Observed>, Verb, string[]]>([
    [
      "a provider of others that fits",
      "oidc-provider",
      (one) => ({ ours: false, ...withoutTags(one) }),
      "use",
      [],
    ],
    [
      "a provider of others without our audience",
      "oidc-provider",
      (one) => ({ ours: false, body: { ...one.body, clientIds: ["x"], tags: {} } as never }),
      "conflict",
      [],
    ],
    [
      "our provider without our audience",
      "oidc-provider",
      (one) => ({ body: { ...one.body, clientIds: [] } as never }),
      "update",
      ["client ids"],
    ],
    ["a role of others", "role", () => ({ ours: false }), "conflict", []],
    [
      "a role in the way, the controller says",
      "role",
      () => ({ conflict: "It is an add-on's." }),
      "conflict",
      [],
    ],
    [
      "our role with a wider trust",
      "role",
      (one) => ({ body: { ...one.body, trust: { Version: "2012-10-17", Statement: [] } } as never }),
      "update",
      ["trust policy"],
    ],
    [
      "our role without its boundary",
      "role",
      (one) => ({ body: { ...one.body, boundaryArn: "" } as never }),
      "update",
      ["permissions boundary"],
    ],
    [
      "our role with a longer session",
      "role",
      (one) => ({ body: { ...one.body, maxSessionDuration: 43_200 } as never }),
      "update",
      ["session duration"],
    ],
    [
      "our role without the organisation's tag",
      "role",
      (one) => ({
        body: {
          ...one.body,
          tags: { ...("tags" in one.body ? one.body.tags : {}), "cost-centre": "0" },
        } as never,
      }),
      "update",
      ["tags"],
    ],
    [
      "our role with further tags",
      "role",
      (one) => ({
        body: { ...one.body, tags: { ...("tags" in one.body ? one.body.tags : {}), more: "1" } } as never,
      }),
      "keep",
      [],
    ],
    [
      "our role, but another workload's",
      "role",
      (one) => ({
        body: {
          ...one.body,
          tags: { ...("tags" in one.body ? one.body.tags : {}), [tagKeys.workload]: "x" },
        } as never,
      }),
      "conflict",
      [],
    ],
    [
      "our policy with other permissions",
      "role-policy",
      (one) => ({ body: { ...one.body, document: { Version: "2012-10-17", Statement: [] } } as never }),
      "update",
      ["permissions"],
    ],
    [
      "our statements, changed",
      "resource-policy-statements",
      (one) => ({ body: { ...one.body, statements: [] } as never }),
      "update",
      ["statements"],
    ],
  ])("%s", (_, kind, observed, verb, differences) => {
    const step = verbOf(kind, observed);
    expect(step).toMatchObject({
      verb,
      differences: verb === "use" || verb === "conflict" ? expect.anything() : differences,
    });
    if (verb === "use" || verb === "conflict") expect(step?.reason).toBeTruthy();
  });

  it("does not mind the form that AWS gives a document", () => {
    const step = verbOf("role", (one) => {
      const { trust } = one.body as { trust: { Statement: { Action: string }[] } };
      const [statement] = trust.Statement;
      return {
        body: {
          ...one.body,
          trust: { Version: "2012-10-17", Statement: { ...statement, Action: [statement?.Action] } },
        } as never,
      };
    });
    expect(step?.verb).toBe("keep");
  });
});

describe("delete", () => {
  it.each<[string, Partial<Grant>]>([
    ["irsa", { pattern: "irsa", target: homeTarget }],
    ["role-chaining", { pattern: "role-chaining" }],
    ["resource-policy", {}],
    ["pod-identity with target", { pattern: "pod-identity", workload: pod, identity: podTarget }],
  ])("%s: all of it, in the opposite order", (_, asked) => {
    const before = desired(asked);
    const plan = makePlan({ before, after: [], grantIds: [a], observed: present(before) });
    expect(summary(plan)).toEqual(all("delete", before));
    for (const step of plan.steps)
      for (const needed of step.resource.dependsOn)
        expect(plan.steps.find(({ key }) => key === needed)?.dependsOn).toContain(step.key);
    // What gives access goes at once, whatever becomes of the rest.
    const permissions = plan.steps.filter(
      ({ resource }) =>
        resource.kind === "resource-policy-statements" ||
        (resource.kind === "role-policy" && resource.body.policyName.startsWith("grant-")),
    );
    for (const step of permissions) expect(step.dependsOn).toEqual([]);
  });

  it("one of two grants: its own policy and statements only", () => {
    const before = desired({}, { id: b, target: queue });
    const after = desired({});
    expect(summary(makePlan({ before, after, grantIds: [b], observed: present(before) }))).toEqual([
      "delete resource-policy-statements in away",
      "delete role-policy grant-b in home",
      "keep oidc-provider in home",
      "keep role in home",
    ]);
  });

  it("the last chained grant in an account: its target role and the permission to assume it", () => {
    const first = { pattern: "role-chaining", identity: fromHome };
    const before = desired(first, {
      ...first,
      id: b,
      target: { arn: "arn:aws:s3:::third-data", accountId: third },
    });
    expect(
      summary(makePlan({ before, after: desired(first), grantIds: [b], observed: present(before) })),
    ).toEqual([
      "delete role in third",
      `delete role-policy assume-${third} in home`,
      "delete role-policy grant-b in third",
      "keep oidc-provider in home",
      "keep role in home",
    ]);
  });

  it("of one grant makes, repairs and widens nothing that the others need", () => {
    const before = desired({}, { id: b, target: queue });
    const after = desired({});
    const broken = present(before);
    for (const one of after) {
      if (one.kind === "role")
        broken[one.key] = { state: "present", ours: true, body: { ...one.body, trust: { Statement: [] } } };
      if (one.kind === "oidc-provider") broken[one.key] = { state: "absent" };
    }
    const plan = makePlan({ before, after, grantIds: [b], observed: broken });
    expect(plan.steps.filter(({ verb }) => verb === "create" || verb === "update")).toEqual([]);
    expect(planSummary(plan).changes).toBe(2);
  });

  it("what nobody could look at is deleted too, after what was seen", () => {
    const before = desired({});
    const [first] = before;
    if (!first) throw new Error("nothing desired");
    const { [first.key]: _, ...observed } = present(before);
    const plan = makePlan({ before, after: [], grantIds: [a], observed });
    expect(summary(plan)).toEqual(all("delete", before));
    expect(plan.steps.at(-1)?.key).toBe(first.key);
  });

  it("of one grant changes what the others need with it, also where nobody could look at it", () => {
    const before = desired({}, { id: b, target: queue });
    const after = desired({}).map((one) =>
      one.kind === "role" ? { ...one, body: { ...one.body, description: "for one grant" } } : one,
    );
    const verbs = (observed: ObservedState) =>
      summary(makePlan({ before, after, grantIds: [b], observed })).filter((line) =>
        /keep|update/.test(line),
      );
    const verbsSeen = verbs(present(before));
    expect(verbsSeen).toEqual(["keep oidc-provider in home", "update role in home"]);
    expect(verbs({})).toEqual(verbsSeen);
  });

  it("leaves what is gone or foreign, and says of ours that it is tagged as another workload's", () => {
    const before = desired({});
    const verbs = (observed: (one: CloudResource) => Observed) =>
      new Set(
        makePlan({
          before,
          after: [],
          grantIds: [a],
          observed: Object.fromEntries(before.map((one) => [one.key, observed(one)])),
        }).steps.map(({ verb }) => verb),
      );
    expect(verbs(() => ({ state: "absent" }))).toEqual(new Set(["keep"]));
    expect(verbs((one) => ({ state: "present", ours: false, body: one.body }))).toEqual(new Set(["keep"]));
    const tagged = makePlan({
      before,
      after: [],
      grantIds: [a],
      observed: present(before, (one) =>
        one.kind === "role" ? { body: { ...one.body, tags: { [tagKeys.workload]: "x" } } } : {},
      ),
    });
    const role = tagged.steps.find(({ resource }) => resource.kind === "role");
    expect(role).toMatchObject({
      verb: "conflict",
      reason: 'It is tagged as another workload\'s: drawbridge:workload is "x".',
    });
    const provider = tagged.steps.find(({ resource }) => resource.kind === "oidc-provider");
    expect(provider).toMatchObject({ verb: "delete", dependsOn: [role?.key] });
  });
});

describe("change", () => {
  it("of the level writes the grant's own documents", () => {
    const before = desired({});
    const after = desired({ level: "read-write" });
    expect(summary(makePlan({ before, after, grantIds: [a], observed: present(before) }))).toEqual([
      "keep oidc-provider in home",
      "keep role in home",
      "update resource-policy-statements in away",
      "update role-policy grant-a in home",
    ]);
  });

  it("of the pattern takes the old way away, after it has made the new one", () => {
    const before = desired({});
    const after = desired({ pattern: "role-chaining", identity: fromHome });
    const plan = makePlan({ before, after, grantIds: [a], observed: present(before) });
    const made = plan.steps.filter(({ verb }) => verb === "create").map(({ key }) => key);
    for (const { verb, dependsOn } of plan.steps)
      if (verb === "delete") expect(dependsOn).toEqual(expect.arrayContaining(made));
    expect(summary(plan)).toEqual([
      "create role in away",
      `create role-policy assume-${away} in home`,
      "create role-policy grant-a in away",
      "delete resource-policy-statements in away",
      "delete role-policy grant-a in home",
      "keep oidc-provider in home",
      "keep role in home",
    ]);
  });
});

describe("what goes from a role that stays", () => {
  const before = desired({}, { id: b, target: queue });
  const after = desired({});
  const role = after.find(({ kind }) => kind === "role");
  const policy = before.find(({ kind, owners }) => kind === "role-policy" && owners.includes(b));
  const withoutBoundary = present(before, (one) =>
    one.kind === "role" ? { body: { ...one.body, boundaryArn: "" } } : {},
  );
  const waitsFor = ({ steps }: Plan) => steps.find(({ key }) => key === policy?.key)?.dependsOn;

  it("waits in a repair until the role is as it should be: it may have been somebody's Deny", () => {
    const stray = policy && { ...policy, owners: [a] };
    const seen = { before: stray ? [...after, stray] : after, after, grantIds: [a] };
    expect(waitsFor(makePlan({ ...seen, observed: present(before) }))).toEqual([]);
    expect(waitsFor(makePlan({ ...seen, observed: withoutBoundary }))).toEqual([role?.key]);
  });

  it("waits for nothing in a revocation, whatever becomes of the role", () => {
    const changed = after.map((one) =>
      one.kind === "role" ? { ...one, body: { ...one.body, description: "another" } } : one,
    );
    const plan = makePlan({ before, after: changed, grantIds: [b], observed: withoutBoundary });
    expect(plan.steps.find(({ key }) => key === role?.key)?.verb).toBe("update");
    expect(waitsFor(plan)).toEqual([]);
  });
});

describe("closure", () => {
  it("has what the grant owns and all that it needs, and nothing of its siblings", () => {
    const resources = desired({ pattern: "role-chaining", identity: fromHome }, { id: b });
    expect(closureOf(resources, [a]).map(short).sort()).toEqual([
      "oidc-provider in home",
      "role in away",
      "role in home",
      `role-policy assume-${away} in home`,
      "role-policy grant-a in away",
    ]);
    expect(closureOf(resources, ["cccccccccccc"])).toEqual([]);
    expect(closureOf(resources, [a, b])).toEqual(resources);
  });
});

describe("any plan", { timeout: 60_000 }, () => {
  const pool: Partial<Grant>[] = [
    { pattern: "irsa", target: homeTarget, identity: fromHome },
    { pattern: "role-chaining", identity: fromHome },
    { pattern: "role-chaining", identity: fromHome, target: queue },
    { pattern: "resource-policy" },
    { pattern: "resource-policy", target: queue, level: "read-write" },
    { pattern: "oidc-federation", workload: workload({ serviceAccount: "x" }) },
    { pattern: "pod-identity", workload: pod, identity: podTarget },
    {
      pattern: "pod-identity",
      workload: pod,
      identity: podTarget,
      target: { arn: bucketArn, accountId: away },
      level: "write",
    },
  ];
  const grants = pool.map((one, index) => grant({ ...one, id: String(index).padStart(12, "g") }));
  const subset = fc.subarray(grants);

  it("is acyclic, names each key once, touches only its closure, and leads there", () => {
    fc.assert(
      fc.property(
        subset,
        subset,
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (was, willBe, there) => {
          const before = desiredResources(was, estate());
          const after = desiredResources(willBe, estate());
          const changed = grants
            .filter((one) => was.includes(one) !== willBe.includes(one))
            .map(({ id }) => id);
          const observed: ObservedState = Object.fromEntries(
            before.map((one, index) => [
              one.key,
              there[index % there.length]
                ? { state: "present", ours: true, body: one.body }
                : { state: "absent" },
            ]),
          );
          const { steps } = makePlan({ before, after, grantIds: changed, observed });

          const byKey = new Map(steps.map((step) => [step.key, step]));
          expect(byKey.size).toBe(steps.length);
          const done = new Set<string>();
          for (let round = 0; round <= steps.length && done.size < steps.length; round += 1)
            for (const step of steps) if (step.dependsOn.every((key) => done.has(key))) done.add(step.key);
          expect(done.size).toBe(steps.length);

          const touched = new Set(
            [...closureOf(before, changed), ...closureOf(after, changed)].map(({ key }) => key),
          );
          for (const step of steps) expect(touched).toContain(step.key);

          for (const one of closureOf(after, changed))
            expect(["create", "keep"]).toContain(byKey.get(one.key)?.verb);
          const stays = new Set(after.map(({ key }) => key));
          for (const step of steps) if (step.verb === "delete") expect(stays).not.toContain(step.key);
        },
      ),
      { numRuns: 300 },
    );
  });
});
