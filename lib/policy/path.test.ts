import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { type AccessPath, evaluatePath } from "./path.ts";
import type { RoleFacts } from "./session.ts";

const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EX";
const provider = `arn:aws:iam::111122223333:oidc-provider/${issuer}`;
const srcArn = "arn:aws:iam::111122223333:role/drawbridge/acme/src";
const dstArn = "arn:aws:iam::444455556666:role/drawbridge/acme/dst";
const bucket = "arn:aws:s3:::reports";
const keyArn = "arn:aws:kms:eu-west-1:444455556666:key/1234";
const claims = {
  [`${issuer}:aud`]: "sts.amazonaws.com",
  [`${issuer}:sub`]: "system:serviceaccount:pay:reports",
};

const document = (...Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const named = (name: string, ...statements: Statement[]) => ({ name, document: document(...statements) });
const allow = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: "Allow",
  Action,
  Resource: "*",
  ...more,
});

function role(
  arn: string,
  trust: Statement[],
  permissions: Statement[],
  more: Partial<RoleFacts> = {},
): RoleFacts {
  return {
    arn,
    tags: {},
    trust: named("trust", ...trust),
    policies: { identity: [named("inline", ...permissions)] },
    ...more,
  };
}

const byToken: Statement = {
  Effect: "Allow",
  Principal: { Federated: provider },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { StringEquals: claims },
};
const bySource = (
  Condition: Statement["Condition"] = { StringEquals: { "sts:ExternalId": "REQ" } },
): Statement => ({
  Effect: "Allow",
  Principal: { AWS: srcArn },
  Action: "sts:AssumeRole",
  Condition,
});
const onKey = { Effect: "Allow" as const, Action: "kms:Decrypt", Resource: keyArn };

const web = { action: "sts:AssumeRoleWithWebIdentity" as const, sessionName: "pod", context: claims };
const chain = { action: "sts:AssumeRole" as const, sessionName: "pod", externalId: "REQ" };

function path(roles: AccessPath["roles"], more: Partial<AccessPath> = {}): AccessPath {
  return {
    from: { kind: "federated", provider },
    roles,
    call: { action: "s3:GetObject", on: { arn: `${bucket}/a`, accountId: "444455556666" } },
    surroundings: { context: { "aws:CurrentTime": "2026-11-01T00:00:00Z" } },
    ...more,
  };
}

const src = (...more: Statement[]) => role(srcArn, [byToken], [allow("sts:AssumeRole"), ...more]);
const dst = (trust: Statement[] = [bySource()], ...more: Statement[]) =>
  role(dstArn, trust, [allow("s3:GetObject"), ...more]);

describe("a path", () => {
  it("leads from a token through two roles to the object", () => {
    const decided = evaluatePath(
      path([
        { role: src(), by: web },
        { role: dst(), by: chain },
      ]),
    );
    expect(decided).toMatchObject({ effect: "allow", dependsOn: [] });
    expect(decided.hops.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      `sts:AssumeRoleWithWebIdentity ${srcArn}`,
      `sts:AssumeRole ${dstArn}`,
      `s3:GetObject ${bucket}/a`,
    ]);
  });

  it("ends at the first hop that is refused, and says which element it was", () => {
    const token = { ...web, context: { ...claims, [`${issuer}:sub`]: "system:serviceaccount:pay:other" } };
    const decided = evaluatePath(path([{ role: src(), by: token }]));
    expect(decided.effect).toBe("implicit-deny");
    expect(decided.hops).toHaveLength(1);
    expect(decided.hops[0]?.decision.trace[0]?.mismatch).toMatchObject({
      key: `${issuer}:sub`,
      expected: ["system:serviceaccount:pay:reports"],
      actual: ["system:serviceaccount:pay:other"],
    });
  });

  it("needs the ExternalId where the trust asks for it", () => {
    const { externalId: _, ...without } = chain;
    const decided = evaluatePath(
      path([
        { role: src(), by: web },
        { role: dst(), by: without },
      ]),
    );
    expect(decided).toMatchObject({ effect: "implicit-deny", hops: { length: 2 } });
  });

  it("needs the caller's own leave to go on to a role of another account", () => {
    const mute = role(srcArn, [byToken], []);
    const decided = evaluatePath(
      path([
        { role: mute, by: web },
        { role: dst(), by: chain },
      ]),
    );
    expect(decided.reason).toMatch(/no identity policy .* allows sts:AssumeRole/);
  });

  it("says what a hop that nobody read hangs on, unless another hop is refused", () => {
    const { trust: _, ...unread } = dst();
    const roles = [
      { role: src(), by: web },
      { role: unread, by: chain },
    ];
    expect(evaluatePath(path(roles))).toMatchObject({
      effect: "unknown",
      dependsOn: [`the trust policy of ${dstArn}`],
      hops: { length: 3 },
    });
    const delete_ = { action: "s3:DeleteObject", on: { arn: `${bucket}/a`, accountId: "444455556666" } };
    expect(evaluatePath(path(roles, { call: delete_ })).effect).toBe("implicit-deny");
  });

  it("takes a user with nothing but credentials to nowhere", () => {
    const arn = "arn:aws:iam::444455556666:user/ann";
    const from = { kind: "user" as const, arn, userId: "AIDAX", accountId: "444455556666" };
    expect(evaluatePath(path([], { from })).effect).toBe("implicit-deny");
    const policies = { identity: [named("admin", allow("*"))] };
    expect(evaluatePath(path([], { from, policies })).effect).toBe("allow");
  });
});

describe("what a session carries", () => {
  const agent = { kind: "service" as const, service: "pods.eks.amazonaws.com" };
  const tags = { "kubernetes-namespace": "pay" };
  const byAgent: Statement = {
    Effect: "Allow",
    Principal: { Service: agent.service },
    Action: ["sts:AssumeRole", "sts:TagSession"],
  };
  const pod = {
    action: "sts:AssumeRole" as const,
    sessionName: "pod",
    tags,
    transitiveTagKeys: Object.keys(tags),
  };
  const tagging = { ...bySource({ StringEquals: { "aws:RequestTag/kubernetes-namespace": "pay" } }) };
  const both = { ...tagging, Action: ["sts:AssumeRole", "sts:TagSession"] };
  const tagged = role(srcArn, [byAgent], [allow(["sts:AssumeRole", "sts:TagSession"])]);
  const from = { from: agent };
  const { externalId: _, ...onward } = chain;

  it("hands transitive tags on, which takes TagSession in the next role's trust", () => {
    const roles = (trust: Statement) => [
      { role: tagged, by: pod },
      { role: dst([trust]), by: onward },
    ];
    expect(evaluatePath(path(roles(both), from)).effect).toBe("allow");
    const without = evaluatePath(path(roles(tagging), from));
    expect(without.effect).toBe("implicit-deny");
    expect(without.hops.at(-1)?.action).toBe("sts:TagSession");
  });

  it("keeps tags that are not transitive to itself", () => {
    const { transitiveTagKeys: _, ...once } = pod;
    const decided = evaluatePath(
      path(
        [
          { role: tagged, by: once },
          { role: dst([both]), by: onward },
        ],
        from,
      ),
    );
    expect(decided.hops.at(-1)).toMatchObject({ action: "sts:AssumeRole", resource: dstArn });
    expect(decided.effect).toBe("implicit-deny");
  });

  it("lets no call replace a tag that is handed on, whatever its case", () => {
    const by = { ...onward, tags: { "Kubernetes-Namespace": "other" } };
    const decided = evaluatePath(
      path(
        [
          { role: tagged, by: pod },
          { role: dst([both]), by },
        ],
        from,
      ),
    );
    expect(decided.reason).toMatch(/Kubernetes-Namespace/);
  });

  it("gives principal tags: the session's before the role's", () => {
    const own = { "kubernetes-namespace": "role", team: "role" };
    const needs = (key: string, value: string) =>
      allow("s3:GetObject", { Condition: { StringEquals: { [`aws:PrincipalTag/${key}`]: value } } });
    const asked = (statement: Statement) =>
      evaluatePath(
        path([{ role: { ...role(srcArn, [byAgent], [statement]), tags: own }, by: pod }], {
          from: agent,
          call: { action: "s3:GetObject", on: { arn: `${bucket}/a`, accountId: "111122223333" } },
        }),
      ).effect;
    expect(asked(needs("kubernetes-namespace", "pay"))).toBe("allow");
    expect(asked(needs("kubernetes-namespace", "role"))).toBe("implicit-deny");
    expect(asked(needs("team", "role"))).toBe("allow");
  });

  it("never changes a source identity once it is set", () => {
    // "after the source identity is set, the value cannot be changed" (AWS global condition context keys).
    const setting = (by: Statement): Statement => ({
      ...by,
      Action: [by.Action, "sts:SetSourceIdentity"].flat() as string[],
    });
    const source = role(srcArn, [setting(byToken)], [allow(["sts:AssumeRole", "sts:SetSourceIdentity"])]);
    const target = role(dstArn, [setting(bySource({}))], [allow("s3:GetObject")]);
    const saying = (sourceIdentity: string) =>
      evaluatePath(
        path([
          { role: source, by: { ...web, sourceIdentity: "alice" } },
          { role: target, by: { ...chain, sourceIdentity } },
        ]),
      );
    expect(saying("mallory")).toMatchObject({
      effect: "implicit-deny",
      reason: expect.stringContaining("source identity alice"),
    });
    expect(saying("alice").effect).toBe("allow");
  });

  it("asks the resource control policies of a role's account about the role, and not about its sessions", () => {
    const rcps = (Action: string) => [
      named(
        "rcp",
        { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" },
        { Effect: "Deny", Principal: "*", Action, Resource: "*" },
      ),
    ];
    const decided = (Action: string) =>
      evaluatePath(
        path([
          { role: src(), by: web },
          { role: { ...dst(), rcps: rcps(Action) }, by: chain },
        ]),
      ).effect;
    expect(decided("sts:AssumeRole")).toBe("explicit-deny");
    expect(decided("s3:GetObject")).toBe("allow");
  });

  it("carries the source identity on, which takes SetSourceIdentity at each role", () => {
    const first = { ...byToken, Action: ["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"] };
    const source = role(srcArn, [first], [allow(["sts:AssumeRole", "sts:SetSourceIdentity"])]);
    const second = (Action: string[]) => dst([{ ...bySource({}), Action }]);
    const onlyIt = allow("s3:GetObject", { Condition: { StringEquals: { "aws:SourceIdentity": "req-1" } } });
    const asked = (next: RoleFacts) =>
      evaluatePath(
        path([
          { role: source, by: { ...web, sourceIdentity: "req-1" } },
          { role: { ...next, policies: { identity: [named("inline", onlyIt)] } }, by: chain },
        ]),
      );
    expect(asked(second(["sts:AssumeRole", "sts:SetSourceIdentity"])).effect).toBe("allow");
    expect(asked(second(["sts:AssumeRole"])).hops.at(-1)?.action).toBe("sts:SetSourceIdentity");
  });

  it("is limited by a session policy", () => {
    const policies = [named("session policy", allow("s3:ListBucket"))];
    const decided = evaluatePath(
      path([
        { role: src(), by: web },
        { role: dst(), by: { ...chain, policies } },
      ]),
    );
    expect(decided.reason).toMatch(/no session policy allows s3:GetObject/);
  });
});

/** IAM User Guide, "Permissions boundaries": "Resource-based policies" (domain reference, ruling 5). */
describe("a boundary and a resource policy of the same account", () => {
  const boundary = named("boundary", allow("sqs:*"));
  const bounded = { ...role(srcArn, [byToken], []), policies: { identity: [], boundary } };
  const asked = (Principal: Statement["Principal"]) =>
    evaluatePath(
      path([{ role: bounded, by: web }], {
        call: {
          action: "s3:GetObject",
          on: {
            arn: `${bucket}/a`,
            accountId: "111122223333",
            policy: named("bucket policy", allow("s3:GetObject", { Principal: Principal ?? "*" })),
          },
        },
      }),
    ).effect;

  it("limits a grant to the role, and not one to its session or to everyone", () => {
    expect(asked({ AWS: srcArn })).toBe("implicit-deny");
    expect(asked({ AWS: "arn:aws:sts::111122223333:assumed-role/src/pod" })).toBe("allow");
    expect(asked("*")).toBe("allow");
  });
});

/** KMS Developer Guide, "Allowing users in other accounts to use a KMS key"; S3 User Guide, "Using SSE-KMS". */
describe("the key behind the target", () => {
  const delegates = named(
    "key policy",
    allow("kms:*", { Principal: { AWS: "arn:aws:iam::444455556666:root" } }),
  );
  const through = (key: Partial<NonNullable<AccessPath["key"]>[number]["on"]>) => [
    {
      action: "kms:Decrypt",
      on: { arn: keyArn, accountId: "444455556666", ...key },
      context: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" },
    },
  ];
  const roles = (...statements: Statement[]) => [
    { role: src(), by: web },
    { role: dst(undefined, ...statements), by: chain },
  ];

  it("opens where its policy leaves it to the account and the role may use it", () => {
    const decided = evaluatePath(path(roles(onKey), { key: through({ policy: delegates }) }));
    expect(decided.effect).toBe("allow");
    expect(decided.hops.at(-1)).toMatchObject({ action: "kms:Decrypt", resource: keyArn });
  });

  it("stays shut where the role may not use it, or only through another service", () => {
    const elsewhere = {
      ...onKey,
      Condition: { StringEquals: { "kms:ViaService": "sqs.eu-west-1.amazonaws.com" } },
    };
    for (const permissions of [[], [elsewhere]])
      expect(evaluatePath(path(roles(...permissions), { key: through({ policy: delegates }) })).effect).toBe(
        "implicit-deny",
      );
  });

  it("leaves it open where its policy was not read", () => {
    const unread = [{ kind: "resource" as const, name: `the policy of the key ${keyArn}` }];
    expect(evaluatePath(path(roles(onKey), { key: through({ unread }) }))).toMatchObject({
      effect: "unknown",
      dependsOn: [`the policy of the key ${keyArn}`],
    });
  });
});
