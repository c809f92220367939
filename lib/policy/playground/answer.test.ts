import { describe, expect, it } from "vitest";
import { decidingStatements } from "../deciding.ts";
import { answer } from "./answer.ts";
import { emptyQuestion, type PlaygroundDocument, type PlaygroundQuestion } from "./state.ts";

const now = "2026-06-01T12:00:00Z";
const roleArn = "arn:aws:iam::111122223333:role/reports";
const object = "arn:aws:s3:::archive/may.csv";

const question: PlaygroundQuestion = {
  ...emptyQuestion,
  caller: { kind: "role", name: roleArn, session: "pod" },
  action: "s3:GetObject",
  resource: object,
  resourceAccount: "111122223333",
};

function allowing(condition?: object, kind: PlaygroundDocument["kind"] = "identity"): PlaygroundDocument {
  const statement = {
    Sid: "Read",
    Effect: "Allow",
    ...(kind === "resource" || kind === "trust" ? { Principal: { AWS: roleArn } } : {}),
    Action: kind === "trust" ? "sts:AssumeRole" : "s3:GetObject",
    ...(kind === "trust" ? {} : { Resource: "arn:aws:s3:::archive/*" }),
    ...(condition ? { Condition: condition } : {}),
  };
  return { kind, text: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) };
}

const denying: PlaygroundDocument = {
  kind: "identity",
  text: JSON.stringify({ Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] }),
};

const none = JSON.stringify({ Statement: [] });
const elsewhere = { resourceAccount: "444455556666" };

function decided(documents: PlaygroundDocument[], asked: Partial<PlaygroundQuestion> = {}) {
  const result = answer(documents, { ...question, ...asked }, now);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

describe("the playground's answer", () => {
  it("allows by an identity policy and names the statement", () => {
    const { decision } = decided([allowing()]);
    expect(decision.effect).toBe("allow");
    expect(decision.reason).toContain("statement Read of the identity policy");
    expect(decidingStatements(decision)).toMatchObject([{ statement: { sid: "Read" }, bearing: "allows" }]);
  });

  it.each<[string, PlaygroundDocument[], Partial<PlaygroundQuestion>, string[]]>([
    ["nothing at all", [], {}, ["identity", "resource"]],
    ["an empty identity policy", [{ kind: "identity", text: " " }], {}, ["identity", "resource"]],
    ["an identity policy for something else", [allowing()], { action: "s3:PutObject" }, ["resource"]],
    [
      "a resource policy for something else",
      [allowing({}, "resource")],
      { action: "s3:PutObject" },
      ["identity"],
    ],
    ["a caller that can't have one", [], { caller: { ...question.caller, kind: "anonymous" } }, ["resource"]],
    [
      "another account's resource, and nothing",
      [],
      { resourceAccount: "444455556666" },
      ["identity", "resource"],
    ],
    ["another account's resource, which lets in", [allowing({}, "resource")], elsewhere, ["identity"]],
    [
      "another account's resource, and a policy for something else",
      [allowing()],
      { ...elsewhere, action: "s3:PutObject" },
      [],
    ],
    ["an SCP that allows nothing of it", [{ ...denying, kind: "scp", text: none }], {}, []],
    ["an action without a resource", [], { action: "s3:ListAllMyBuckets", resource: "*" }, ["identity"]],
    ["what is allowed", [allowing()], {}, []],
    ["what is denied in so many words", [denying], {}, []],
  ])("says whose policies are not here when nothing allows: %s", (_, documents, asked, expected) => {
    expect(decided(documents, asked).notGiven).toEqual(expected);
  });

  // IAM User Guide, "IAM identifiers": the id of a role or a user is not asked for here.
  it.each([
    ["the id of a role", { AWS: "AROAREALROLEID12345" }, "unknown"],
    ["the id of a user", { AWS: "AIDAREALUSERID12345" }, "implicit-deny"],
    ["the session", { AWS: "arn:aws:sts::111122223333:assumed-role/reports/pod" }, "allow"],
    ["another session", { AWS: "arn:aws:sts::111122223333:assumed-role/reports/job" }, "implicit-deny"],
  ])("says of a resource's policy that names %s what can be known", (_, Principal, expected) => {
    const statement = { Effect: "Allow", Principal, Action: "s3:GetObject", Resource: `${object}` };
    const text = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    expect(decided([{ kind: "resource", text }]).decision.effect).toBe(expected);
  });

  // IAM User Guide, "AWS global condition context keys", availability of each key.
  it.each([
    [{ StringEquals: { "aws:PrincipalAccount": "anonymous" } }, "allow"],
    [{ StringLike: { "aws:userid": "*" } }, "unknown"],
    [{ Bool: { "aws:PrincipalIsAWSService": "false" } }, "implicit-deny"],
    [{ StringLike: { "aws:PrincipalArn": "*" } }, "implicit-deny"],
  ])("knows of callers without credentials what AWS says of them: %j", (Condition, expected) => {
    const statement = {
      Effect: "Allow",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: object,
      Condition,
    };
    const text = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const caller = { kind: "anonymous" as const, name: "", session: "" };
    expect(decided([{ kind: "resource", text }], { caller, others: "unknown" }).decision.effect).toBe(
      expected,
    );
  });

  it("needs both sides when the resource is in another account", () => {
    const away = { resourceAccount: "444455556666" };
    expect(decided([allowing()], away).decision.effect).toBe("implicit-deny");
    expect(decided([allowing(), allowing(undefined, "resource")], away).decision.effect).toBe("allow");
  });

  it("asks the trust policy where there is one", () => {
    const asked = {
      action: "sts:AssumeRole",
      resource: "arn:aws:iam::111122223333:role/target",
      resourceAccount: "",
    };
    expect(decided([allowing(undefined, "trust")], asked).decision.effect).toBe("allow");
  });

  it("does not know what hangs on a key that no row names, unless others are said to be absent", () => {
    const conditional = allowing({ StringEquals: { "aws:SourceVpce": "vpce-1" } });
    const open = decided([conditional]).decision;
    expect(open).toMatchObject({ effect: "unknown", dependsOn: ["aws:SourceVpce"] });
    expect(decidingStatements(open)).toMatchObject([{ bearing: "open" }]);
    const absent = decided([conditional], { others: "absent" }).decision;
    expect(absent.effect).toBe("implicit-deny");
    expect(decidingStatements(absent)).toMatchObject([{ bearing: "nearest" }]);
    const context = [{ key: "AWS:sourcevpce", state: "is" as const, value: "vpce-1" }];
    expect(decided([conditional], { context }).decision.effect).toBe("allow");
  });

  it("takes two rows of one key for two values of it", () => {
    const tags = allowing({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } });
    const row = (value: string) => ({ key: "aws:TagKeys", state: "is" as const, value });
    expect(decided([tags], { context: [row("a"), row("b")] }).decision.effect).toBe("allow");
    expect(decided([tags], { context: [row("a"), row("c")] }).decision.effect).toBe("implicit-deny");
  });

  it("fills in the caller and the time, and a row takes the place of what was filled in", () => {
    const byPrincipal = allowing({ ArnEquals: { "aws:PrincipalArn": roleArn } });
    expect(decided([byPrincipal]).decision.effect).toBe("allow");
    const ended = allowing({ DateLessThan: { "aws:CurrentTime": "2026-05-01T00:00:00Z" } });
    expect(decided([ended]).decision.effect).toBe("implicit-deny");
    const context = [{ key: "aws:currenttime", state: "is" as const, value: "2026-04-01T00:00:00Z" }];
    expect(decided([ended], { context }).decision.effect).toBe("allow");
    const unknown = [{ key: "aws:PrincipalArn", state: "unknown" as const, value: "" }];
    expect(decided([byPrincipal], { context: unknown, others: "absent" }).decision.effect).toBe("unknown");
  });

  it("hangs on a document that can't be read, and still shows the others", () => {
    const broken: PlaygroundDocument = { kind: "boundary", text: '{"Statement":' };
    const { decision, unreadable } = decided([allowing(), broken]);
    expect(decision.effect).toBe("unknown");
    expect(decision.dependsOn).toEqual(["the permissions boundary"]);
    expect(unreadable).toEqual(["the permissions boundary"]);
    expect(decision.trace.some(({ matched }) => matched)).toBe(true);
  });

  it("denies by an explicit Deny, whatever allows", () => {
    const deny = {
      kind: "scp" as const,
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}]}',
    };
    const { decision } = decided([allowing(), deny]);
    expect(decision.effect).toBe("explicit-deny");
    expect(decidingStatements(decision)).toMatchObject([{ statement: { sid: "No" }, bearing: "denies" }]);
  });

  it("keeps documents of one kind apart by name", () => {
    const { decision } = decided([allowing({ Bool: { "aws:SecureTransport": "false" } }), allowing()]);
    expect(decision.trace.map(({ policy, matched }) => [policy, matched])).toEqual([
      ["the identity policy", false],
      ["identity policy 2", true],
    ]);
  });

  it.each([
    [{}, ["caller", "action", "resource", "resourceAccount"]],
    [{ ...question, action: "s3:*" }, ["action"]],
    [{ ...question, resource: "archive" }, ["resource"]],
    [{ ...question, resourceAccount: "1234" }, ["resourceAccount"]],
    [{ ...question, caller: { kind: "user" as const, name: roleArn, session: "" } }, ["caller"]],
  ])("says what of the request is missing or malformed", (asked, fields) => {
    const result = answer([], { ...emptyQuestion, ...asked }, now);
    expect(result.ok ? null : Object.keys(result.problems)).toEqual(fields);
  });

  it("takes the account from the ARN where it has one", () => {
    const queue = "arn:aws:sqs:eu-west-1:444455556666:orders";
    const { request } = decided([], { action: "sqs:SendMessage", resource: queue, resourceAccount: "" });
    expect(request.resourceAccount).toBe("444455556666");
  });
});
