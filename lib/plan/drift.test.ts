import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { away, estate, grant, identity, workload } from "#lib/desired/testing/organisation.ts";
import type { CloudResource, Observed, ResourceKind } from "#lib/model/cloud-resource.ts";
import { isRepairable, verdictOf } from "#lib/model/drift.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { explainDrift, givenBackIn, inNoForm, ofFailedChange } from "./drift.ts";
import { driftWords } from "./drift-words.ts";
import { foreignPolicies } from "./foreign-policies.ts";
import { makePlan } from "./plan.ts";

const id = "aaaaaaaaaaaa";
const chained: Partial<Grant> = { pattern: "role-chaining", expiresAt: "2027-01-01T00:00:00Z" };
const pods: Partial<Grant> = {
  pattern: "pod-identity",
  workload: workload({ cluster: "agents" }),
  identity: identity("pod-identity-target", away),
};

type Seen = Extract<Observed, { state: "present" }>;

const anything: Statement = { Effect: "Allow", Action: "s3:*", Resource: "*" };
/** As IAM's console cuts off a role's sessions. */
const cutOff: Statement = {
  Effect: "Deny",
  Action: "*",
  Resource: "*",
  Condition: { DateLessThan: { "aws:TokenIssueTime": "2026-01-01T00:00:00Z" } },
};
/** What policies of others say, by name; any other allows something. */
const theirs: Record<string, Statement[]> = {
  AWSRevokeOlderSessions: [cutOff],
  mixed: [anything, cutOff],
  "drawbridge-revoke-older-sessions": [cutOff],
};

/** What is found when everything is as approved but for one resource. */
function found(
  of: Partial<Grant>,
  kind: ResourceKind,
  change: (seen: Seen, resource: CloudResource) => Observed,
  which = 0,
) {
  const desired = desiredResources([grant(of)], estate());
  const target = desired.filter((one) => one.kind === kind)[which];
  const observed = Object.fromEntries(
    desired.map((one): [string, Observed] => {
      const seen = { state: "present", ours: true, body: structuredClone(one.body) } as Seen;
      return [one.key, one === target ? change(seen, one) : seen];
    }),
  );
  const foreign = foreignPolicies(desired, observed, desired, [id]);
  for (const one of foreign)
    observed[one.key] = {
      state: "present",
      ours: true,
      body: { ...one.body, document: policy(...(theirs[one.body.policyName] ?? [anything])) },
    };
  const { steps } = makePlan({ before: [...desired, ...foreign], after: desired, grantIds: [id], observed });
  return explainDrift(steps);
}

const policy = (...statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});
const absent = (): Observed => ({ state: "absent" });

/** With a part of its body replaced. */
const body = (part: object) => (seen: Seen) => ({ ...seen, body: { ...seen.body, ...part } }) as Observed;

/** With its first statement changed. */
function statement(field: "trust" | "document" | "statements", part: (old: Statement) => Statement[]) {
  return (seen: Seen): Observed => {
    const old = (seen.body as unknown as Record<string, PolicyDocument & Statement[]>)[field];
    const list = (field === "statements" ? old : old?.Statement) as unknown as [Statement, ...Statement[]];
    const next = [...part(list[0]), ...list.slice(1)];
    return body({ [field]: field === "statements" ? next : policy(...next) })(seen);
  };
}

const thief = "arn:aws:iam::999999999999:role/thief";
const stranger: Statement = { Effect: "Allow", Principal: { AWS: thief }, Action: "sts:AssumeRole" };
const ghost = "AROADELETEDDELETED00";

type Row = [what: string, found: ReturnType<typeof explainDrift>, expected: string[]];

const rows: Row[] = [
  ["nothing", found({}, "role", (seen) => seen), []],
  ["a role deleted by hand", found({}, "role", absent), ["role.deleted narrower"]],
  [
    "a trust that lets another role in",
    found(
      {},
      "role",
      statement("trust", (old) => [old, stranger]),
    ),
    ["trust.wider wider"],
  ],
  [
    "a trust that names no subject",
    found(
      {},
      "role",
      statement("trust", (old) => [{ ...old, Condition: {} }]),
    ),
    ["trust.wider wider"],
  ],
  [
    "a trust that leaves the workload out",
    found(
      {},
      "role",
      statement("trust", () => [{ ...stranger, Effect: "Deny" }]),
    ),
    ["trust.narrower narrower"],
  ],
  [
    "a trust that names somebody else instead",
    found(
      {},
      "role",
      statement("trust", () => [stranger]),
    ),
    ["trust.both both"],
  ],
  [
    "a trust whose role was deleted and has an id left",
    found(
      chained,
      "role",
      statement("trust", (old) => [{ ...old, Principal: { AWS: ghost } }]),
      1,
    ),
    ["trust.dangling narrower"],
  ],
  [
    "a trust whose role was deleted and that asks for something else as well",
    found(
      chained,
      "role",
      statement("trust", (old) => [
        { ...old, Principal: { AWS: ghost }, Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } },
      ]),
      1,
    ),
    ["trust.narrower narrower"],
  ],
  [
    "a trust whose role was deleted, which somebody has closed as well",
    found(
      chained,
      "role",
      statement("trust", (old) => [
        { ...old, Principal: { AWS: ghost } },
        { Effect: "Deny", Principal: "*", Action: "sts:AssumeRole" },
      ]),
      1,
    ),
    ["trust.narrower narrower"],
  ],
  [
    "a trust that means the same in other words",
    found(
      {},
      "role",
      statement("trust", (old) => [{ ...old, Sid: "Named" }]),
    ),
    ["trust.undecided undecided"],
  ],
  [
    "a trust that lets others in and denies, on a condition, what was approved",
    found(
      {},
      "role",
      statement("trust", (old) => [
        old,
        stranger,
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringLike: { "sts:RoleSessionName": "*" } },
        },
      ]),
    ),
    ["trust.both both"],
  ],
  [
    "a trust that lets others in and asks more of the workload",
    found(
      {},
      "role",
      statement("trust", (old) => [
        { ...old, Condition: { ...old.Condition, IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } },
        stranger,
      ]),
    ),
    ["trust.both both"],
  ],
  [
    "a role whose deletion was begun",
    found({}, "role", (seen) => ({
      ...seen,
      policies: { inline: ["drawbridge-revoke-older-sessions"], attached: [] },
    })),
    ["role.retiring narrower", "policy.foreign-deny narrower"],
  ],
  ["a boundary that is gone", found({}, "role", body({ boundaryArn: "" })), ["role.boundary-missing wider"]],
  [
    "another boundary",
    found({}, "role", body({ boundaryArn: "arn:aws:iam::111122223333:policy/other" })),
    ["role.boundary-changed undecided"],
  ],
  [
    "an attached policy",
    found({}, "role", (seen) => ({
      ...seen,
      policies: { inline: [], attached: ["arn:aws:iam::aws:policy/X"] },
    })),
    ["role.attached-policy wider"],
  ],
  [
    "attached policies of AWS's that cut off a principal, and others, of which nobody may read what they say",
    found({}, "role", (seen) => ({
      ...seen,
      policies: {
        inline: [],
        attached: [
          "arn:aws:iam::aws:policy/AWSDenyAll",
          "arn:aws:iam::111122223333:policy/AWSDenyAll",
          "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
          "arn:aws:iam::aws:policy/AWSDenyAllButSomething",
        ],
      },
    })),
    ["role.attached-deny narrower", "role.attached-policy wider"],
  ],
  [
    "an inline policy of somebody else",
    found({}, "role", (seen) => ({ ...seen, policies: { inline: ["theirs", `grant-${id}`], attached: [] } })),
    ["policy.foreign wider"],
  ],
  [
    "an inline policy of somebody else that cuts off the role's sessions",
    found({}, "role", (seen) => ({
      ...seen,
      policies: { inline: ["AWSRevokeOlderSessions"], attached: [] },
    })),
    ["policy.foreign-deny narrower"],
  ],
  [
    "an inline policy of somebody else that allows one thing and denies another",
    found({}, "role", (seen) => ({ ...seen, policies: { inline: ["mixed"], attached: [] } })),
    ["policy.foreign both"],
  ],
  [
    "a description and a session length",
    found({}, "role", body({ description: "mine", maxSessionDuration: 43_200 })),
    ["role.settings none"],
  ],
  [
    "a tag of the workload that is gone",
    found({}, "role", (seen) => {
      const { [tagKeys.workload]: _, ...tags } = (seen as Extract<Observed<"role">, { state: "present" }>)
        .body.tags;
      return body({ tags })(seen);
    }),
    ["role.tags none"],
  ],
  [
    "two things at once",
    found({}, "role", (seen) => body({ boundaryArn: "", trust: policy(stranger) })(seen)),
    ["trust.both both", "role.boundary-missing wider"],
  ],
  [
    "a role that is not marked as ours",
    found({}, "role", (seen) => ({ ...seen, ours: false, conflict: "It is not ours." })),
    ["role.not-ours undecided"],
  ],
  ["an inline policy deleted", found({}, "role-policy", absent), ["policy.deleted narrower"]],
  [
    "an inline policy with more",
    found(
      {},
      "role-policy",
      statement("document", (old) => [{ ...old, Action: "s3:*" }]),
    ),
    ["policy.wider wider"],
  ],
  [
    "an inline policy with more that also cuts off the role's sessions",
    found(
      {},
      "role-policy",
      statement("document", (old) => [old, anything, cutOff]),
    ),
    ["policy.both both"],
  ],
  [
    "an inline policy with more that allows less of what was approved",
    found(
      {},
      "role-policy",
      statement("document", (old) => [
        { ...old, Condition: { ...old.Condition, IpAddressIfExists: { "aws:SourceIp": "192.0.2.0/24" } } },
        { ...anything, Action: "s3:ListAllMyBuckets" },
      ]),
    ),
    ["policy.both both"],
  ],
  [
    "an inline policy without an end date",
    found(
      { expiresAt: "2027-01-01T00:00:00Z" },
      "role-policy",
      statement("document", ({ Condition: _, ...old }) => [old]),
    ),
    ["policy.wider wider"],
  ],
  [
    "an inline policy with less",
    found(
      {},
      "role-policy",
      statement("document", () => []),
    ),
    ["policy.narrower narrower"],
  ],
  [
    "statements taken out of a bucket's policy",
    found({}, "resource-policy-statements", absent),
    ["statements.deleted narrower"],
  ],
  [
    "one of two statements taken out",
    found(
      {},
      "resource-policy-statements",
      statement("statements", () => []),
    ),
    ["statements.narrower narrower"],
  ],
  [
    "a statement for everybody",
    found(
      {},
      "resource-policy-statements",
      statement("statements", (old) => [{ ...old, Principal: "*" }]),
    ),
    ["statements.wider wider"],
  ],
  [
    "statements for a role that was deleted",
    found(
      {},
      "resource-policy-statements",
      statement("statements", (old) => [{ ...old, Principal: { AWS: ghost } }]),
    ),
    ["statements.dangling narrower"],
  ],
  [
    "statements of which one names a deleted role and the others are gone",
    found({}, "resource-policy-statements", (seen) =>
      body({
        statements: [
          {
            ...(seen as Extract<Observed<"resource-policy-statements">, { state: "present" }>).body
              .statements[0],
            Principal: { AWS: ghost },
          },
        ],
      })(seen),
    ),
    ["statements.narrower narrower"],
  ],
  [
    "statements opened to everybody, beside one that denies on a condition",
    found(
      {},
      "resource-policy-statements",
      statement("statements", (old) => [
        { ...old, Principal: "*" },
        {
          ...old,
          Sid: `${old.Sid}x`,
          Effect: "Deny",
          Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } },
        },
      ]),
    ),
    ["statements.both both"],
  ],
  [
    "statements for a role that was deleted, in another order",
    found({}, "resource-policy-statements", (seen) => {
      const { statements } = (seen as Extract<Observed<"resource-policy-statements">, { state: "present" }>)
        .body;
      const renamed = statements.map((one) => ({ ...one, Principal: { AWS: ghost } }));
      return body({ statements: renamed.toReversed() })(seen);
    }),
    ["statements.dangling narrower"],
  ],
  [
    "statements for a user that was deleted, whom somebody had put there",
    found(
      {},
      "resource-policy-statements",
      statement("statements", (old) => [{ ...old, Principal: { AWS: "AIDADELETEDDELETED00" } }]),
    ),
    ["statements.narrower narrower"],
  ],
  [
    "a target that is gone",
    found({}, "resource-policy-statements", () => ({
      state: "absent",
      conflict: "There is no such bucket.",
    })),
    ["target.gone narrower"],
  ],
  [
    "an association deleted",
    found(pods, "pod-identity-association", absent),
    ["association.deleted narrower"],
  ],
  [
    "an association of another role",
    found(pods, "pod-identity-association", body({ roleArn: thief })),
    ["association.redirected both"],
  ],
  [
    "an association without its target role, and without tags",
    found(pods, "pod-identity-association", body({ targetRoleArn: null, tags: {} })),
    ["association.redirected both", "association.tags none"],
  ],
  [
    "an association of somebody else",
    found(pods, "pod-identity-association", (seen) => ({ ...seen, ours: false, conflict: "Theirs." })),
    ["association.not-ours both"],
  ],
  ["a provider deleted", found({}, "oidc-provider", absent), ["provider.deleted narrower"]],
  [
    "a provider with other client ids",
    found({}, "oidc-provider", body({ clientIds: ["sigstore"] })),
    ["provider.client-ids narrower"],
  ],
  [
    "somebody else's provider, without our audience",
    found({}, "oidc-provider", (seen) => ({ ...seen, ours: false, conflict: "Lacks it." })),
    ["provider.not-ours narrower"],
  ],
];

/**
 * Whether the account's owners have to say that it comes back (decision 0026). AWS Security Incident Response User Guide,
 * "Containment": access is contained by removing what allows it, by a Deny, and by revoking sessions.
 */
const comesBack: [kind: string, gives: boolean][] = [
  ["role.deleted", true],
  ["policy.deleted", true],
  ["statements.deleted", true],
  ["statements.narrower", true],
  ["trust.narrower", true],
  ["trust.both", true],
  ["trust.undecided", true],
  ["association.deleted", true],
  ["association.redirected", true],
  ["provider.deleted", true],
  ["provider.client-ids", true],
  ["role.boundary-changed", true],
  ["role.attached-deny", true],
  // What it says can't be read: it may deny.
  ["role.attached-policy", true],
  ["role.retiring", true],
  ["policy.foreign-deny", true],
  ["trust.wider", false],
  ["statements.wider", false],
  ["policy.wider", false],
  ["policy.foreign", false],
  ["role.boundary-missing", false],
  ["role.settings", false],
  ["role.tags", false],
  ["association.tags", false],
  // No repair ends these, so none gives them back.
  ["target.gone", false],
  ["role.not-ours", false],
  ["provider.not-ours", false],
];

describe("drift", () => {
  it.each(comesBack)("of the kind %s is something that a repair gives back: %s", (kind, gives) => {
    const all = rows.flatMap(([, findings]) => findings);
    const finding = all.find(
      (one) => one.id === kind && !(kind === "policy.foreign" && one.effect === "both"),
    );
    if (!finding) throw new Error(`No row has ${kind}`);
    expect(givenBackIn([finding])).toEqual(gives ? [finding.accountId] : []);
  });

  it.each([
    ["trust.dangling", chained],
    ["statements.dangling", {}],
  ])("of the kind %s is given back where the role was deleted, and not where its id is left", (kind, of) => {
    const all = rows.flatMap(([, findings]) => findings);
    const finding = all.find((one) => one.id === kind);
    const role = desiredResources([grant(of)], estate()).find((one) => one.kind === "role");
    if (!finding || !role) throw new Error("nothing found");
    expect(finding.accountId).not.toBe(role.accountId);
    expect(givenBackIn([finding])).toEqual([role.accountId]);
  });

  it("that allows one thing and denies another is in part what a repair gives back", () => {
    const mixed = rows.flatMap(([, findings]) => findings).filter(({ effect }) => effect === "both");
    expect(mixed.map(({ id: kind }) => kind)).toContain("policy.foreign");
    for (const finding of mixed.filter(({ repairable }) => repairable))
      expect(givenBackIn([finding])).toEqual([finding.accountId]);
  });

  it.each(rows)("%s is recognised", (_what, findings, expected) => {
    expect(findings.map(({ id: kind, effect }) => `${kind} ${effect}`)).toEqual(expected);
  });

  it("says what it is about, what was approved and what is there, in sentences", () => {
    const [finding] = found(
      {},
      "role",
      statement("trust", (old) => [old, stranger]),
    );
    expect(finding).toMatchObject({
      title: expect.stringMatching(/^The trust policy of the role prod-payments-reports-\w{16} allows more/),
      approved: [],
      now: [`Sessions of the role ${thief} can assume this role.`],
      means: expect.stringContaining("Others than the approved workload"),
      nextStep: expect.stringContaining("Repair"),
    });
    for (const [, findings] of rows)
      for (const { title, means, nextStep, accountId, key } of findings) {
        expect(title).toMatch(/^[A-Z]/);
        expect(means).toMatch(/\.$/);
        expect(nextStep).toMatch(/\.$/);
        expect(accountId).toMatch(/^\d{12}$/);
        expect(key).not.toBe("");
      }
  });

  it("can be repaired unless something stands in the way, and is none where nothing could be read", () => {
    const [deleted] = found({}, "role", absent);
    const [gone] = found({}, "resource-policy-statements", () => ({ state: "absent", conflict: "Gone." }));
    if (!deleted || !gone) throw new Error("nothing found");
    const unread = { ...deleted, effect: "unknown" as const, repairable: false };
    expect([[], [deleted], [deleted, gone], [unread], [deleted, unread]].map(isRepairable)).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
    expect([[], [deleted], [unread], [deleted, unread]].map(verdictOf)).toEqual([
      null,
      "drifted",
      "unknown",
      "drifted",
    ]);
  });

  it("has words for each kind, and each kind is either tested here or comes from the cluster or the accounts", () => {
    const seen = new Set(rows.flatMap(([, findings]) => findings.map((one) => one.id)));
    const elsewhere = [
      ...["cluster.recreated", "cluster.gone", "approval.outdated", "unreadable"],
      ...["boundary.opened", "boundary.deleted", "boundary.narrowed", "provider.opened"],
    ];
    const untested = Object.keys(driftWords).filter((one) => !seen.has(one) && !elsewhere.includes(one));
    expect(untested).toEqual(["policy.undecided", "statements.undecided", "provider.tags"]);
  });
});

describe("the drift of a grant whose change failed", () => {
  const forms = [{ level: "read-write" as const }, { level: "read" as const }].map((form) =>
    desiredResources([grant(form)], estate()),
  );
  const [after = [], earlier = []] = forms;

  /** What is found when all is of the earlier form but what has changed. */
  function left(change: (one: CloudResource) => CloudResource | null) {
    const observed = Object.fromEntries(
      earlier.map((one): [string, Observed] => {
        const there = change(one);
        return [
          one.key,
          there ? ({ state: "present", ours: true, body: there.body } as Seen) : { state: "absent" },
        ];
      }),
    );
    const plans = forms.map(
      (form) => makePlan({ before: form, after: form, grantIds: [id], observed }).steps,
    );
    return explainDrift(inNoForm(plans)).map(({ id: kind }) => kind);
  }

  const inNewForm = (one: CloudResource) => after.find(({ key }) => key === one.key) ?? null;
  /** With the actions of the policy's statements changed. */
  const acting = (one: CloudResource | null, change: (actions: readonly string[]) => string[]) => {
    if (one?.kind !== "role-policy") return one;
    const statements = statementsOf(one.body.document);
    const changed = statements.map((old) => ({ ...old, Action: change(listOf(old.Action)) }));
    return { ...one, body: { ...one.body, document: policy(...changed) } };
  };
  const everything = (one: CloudResource) => acting(one, () => ["s3:*"]);

  it.each<[string, string[], ReturnType<typeof left>]>([
    ["one form", [], left((one) => one)],
    ["the other", [], left(inNewForm)],
    ["either", [], left((one) => (one.kind === "role-policy" ? inNewForm(one) : one))],
    [
      "neither, where something is missing",
      ["policy.deleted"],
      left((one) => (one.kind === "role-policy" ? null : one)),
    ],
    ["neither, where something allows more than both", ["policy.wider"], left(everything)],
    [
      "neither, where something lies between the two",
      ["policy.narrower"],
      left((one) => acting(inNewForm(one), (actions) => actions.slice(0, -1))),
    ],
  ])("is what is of %s", (_what, expected, found) => {
    expect(found).toEqual(expected);
  });

  it("knows what only one form has, there or not, and in which state it is in neither", () => {
    const own = earlier.find(({ kind }) => kind === "role-policy");
    if (!own) throw new Error("no policy");
    const rest = earlier.filter((one) => one !== own);
    const seen = (one: CloudResource) => ({ state: "present", ours: true, body: one.body }) as Seen;
    const all = Object.fromEntries(rest.map((one) => [one.key, seen(one)]));
    const found = (of: Observed) => {
      const observed = { ...all, [own.key]: of };
      const plans = [rest, earlier].map(
        (form) => makePlan({ before: earlier, after: form, grantIds: [id], observed }).steps,
      );
      return explainDrift(inNoForm(plans)).map(({ id: kind }) => kind);
    };
    expect([seen(own), absent(), seen({ ...own, ...everything(own) })].map(found)).toEqual([
      [],
      [],
      ["policy.wider"],
    ]);
  });

  it("is ended by a retry or a roll back, and by no repair; what no repair ends keeps its next step", () => {
    for (const [, findings] of rows)
      for (const finding of findings) {
        const { repairable, nextStep } = ofFailedChange(finding);
        expect(repairable).toBe(false);
        if (finding.repairable) expect(nextStep).toMatch(/retry the last change .* or roll it back/i);
        else expect(nextStep).toBe(finding.nextStep);
      }
  });
});
