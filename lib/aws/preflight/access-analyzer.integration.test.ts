import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { controllers } from "../controllers.ts";
import { preflight } from "../preflight.ts";
import type { AwsCall, SessionOptions } from "../sessions.ts";
import { type Answer, type Asked, startAccessAnalyzer } from "../testing/access-analyzer.ts";
import {
  accountA,
  accountB,
  accountTrust,
  contextOf,
  installation,
  knownGrants,
  region,
  rolePolicyResource,
  roleResource,
  seed,
  sessionsAt,
  statementsResource,
} from "../testing/estate.ts";

let sandbox: RunningSandbox;
let analyzer: Awaited<ReturnType<typeof startAccessAnalyzer>>;
let answer: (asked: Asked) => Answer;
const calls: AwsCall[] = [];

beforeEach(async () => {
  sandbox = await startSandbox({ seed: seed() });
  analyzer = await startAccessAnalyzer(sandbox.url, (asked) => answer(asked));
  answer = ({ operation }) => (operation === "ValidatePolicy" ? validated() : compared("PASS"));
  calls.length = 0;
});
afterEach(async () => {
  await analyzer.close();
  await sandbox.close();
});

const source = roleResource(accountA, "src", accountTrust(accountA.id));
const permissions = rolePolicyResource(accountA, "src");
const onBucket = statementsResource("s3", source.key);
const onQueue = statementsResource("sqs", source.key);

const foreign = { Sid: "TheirOwn", Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: "*" };

/** In the form of the API reference's "Response Syntax". */
function validated(...findings: object[]): Answer {
  return { body: { findings } };
}

function finding(findingType: string, issueCode: string, ...statements: number[]) {
  return {
    findingType,
    issueCode,
    findingDetails: `Details of ${issueCode}.`,
    learnMoreLink: `https://docs.aws.amazon.com/IAM/latest/UserGuide/${issueCode}`,
    locations: statements.map((index) => ({
      path: [{ value: "Statement" }, { index }, { value: "Action" }],
      span: { start: { line: 1, column: 0, offset: 0 }, end: { line: 1, column: 1, offset: 1 } },
    })),
  };
}

function compared(result: "PASS" | "FAIL", ...reasons: object[]): Answer {
  return { body: { result, message: `The result is ${result}.`, reasons } };
}

const refused = (status: number, error: string, message: string): Answer => ({
  status,
  error,
  body: { message },
});

async function analyze(
  resources: CloudResource[],
  { withinMs = 10_000, ...options }: Partial<SessionOptions> & { withinMs?: number } = {},
) {
  const sessions = sessionsAt(analyzer.url, { onCall: (call) => calls.push(call), ...options });
  const clientsOf = new Map(
    [accountA, accountB].map((one) => [one.id, sessions.account(one, { sessionName: "preflight" })]),
  );
  const findings = await preflight({
    clientsOf,
    installation,
    resources,
    targets: [],
    workload: {
      cluster: { accountId: accountA.id, region: "eu-west-1", name: "main" },
      namespace: "pay",
      serviceAccount: "api",
    },
    known: resources,
    knownGrants,
    accessAnalyzer: { clientsOf, withinMs },
  });
  return findings.filter(({ id }) => id.startsWith("access-analyzer."));
}

function bucketPolicy(...statements: object[]): void {
  const bucket = sandbox.state().buckets.reports;
  if (!bucket) throw new Error("no bucket");
  Object.assign(bucket, { policy: { Version: "2012-10-17", Statement: statements } });
}

describe("what Access Analyzer is asked", () => {
  it("is each policy that is made, by its type, in the Region of its resource", async () => {
    expect(await analyze([source, permissions, onBucket, onQueue])).toEqual([]);
    const asked = analyzer.asked.map(({ operation, region: at, body }) => {
      const { policyDocument = "", ...rest } = body;
      return { operation, at, ...rest, statements: JSON.parse(policyDocument).Statement.length };
    });
    expect(asked).toHaveLength(4);
    const about = { operation: "ValidatePolicy", policyType: "RESOURCE_POLICY" };
    const type = "validatePolicyResourceType";
    expect(asked).toEqual(
      expect.arrayContaining([
        { ...about, at: "us-east-1", [type]: "AWS::IAM::AssumeRolePolicyDocument", statements: 1 },
        { ...about, at: "us-east-1", policyType: "IDENTITY_POLICY", statements: 1 },
        { ...about, at: region, [type]: "AWS::S3::Bucket", statements: 2 },
        // ValidatePolicy knows no type for queues.
        { ...about, at: region, statements: 1 },
      ]),
    );
    expect(calls.filter(({ service }) => service === "AccessAnalyzer")).toHaveLength(4);
  });

  it("is a policy as a whole, and what the change gives where there is one already", async () => {
    bucketPolicy(foreign);
    await analyze([onBucket]);
    const [compare] = analyzer.asked.filter(({ operation }) => operation === "CheckNoNewAccess");
    expect(compare?.body.policyType).toBe("RESOURCE_POLICY");
    expect(JSON.parse(compare?.body.existingPolicyDocument ?? "")).toMatchObject({ Statement: [foreign] });
    const [validate] = analyzer.asked.filter(({ operation }) => operation === "ValidatePolicy");
    expect(validate?.body.policyDocument).toBe(compare?.body.newPolicyDocument);
    const sids = JSON.parse(compare?.body.newPolicyDocument ?? "").Statement.map(
      ({ Sid }: { Sid: string }) => Sid,
    );
    expect(sids).toEqual(["TheirOwn", ...onBucket.body.statements.map(({ Sid }) => Sid)]);
  });

  it("is nothing of what stays as it is", async () => {
    await controllers.role.create(contextOf(sessionsAt(sandbox.url), accountA), source);
    await analyze([source]);
    await analyze([{ ...source, body: { ...source.body, description: "Another" } }]);
    expect(analyzer.asked).toEqual([]);
  });
});

describe("what Access Analyzer finds", () => {
  it("becomes findings of its grades, with its words, its advice and the statement", async () => {
    answer = () =>
      validated(
        finding("ERROR", "INVALID_ACTION", 0),
        finding("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE", 0),
        finding("WARNING", "MISSING_VERSION"),
        finding("SUGGESTION", "REDUNDANT_ACTION", 0),
      );
    const found = await analyze([permissions]);
    expect(found.map(({ id, severity }) => [id, severity])).toEqual([
      ["access-analyzer.error", "error"],
      ["access-analyzer.security-warning", "warning"],
      ["access-analyzer.warning", "warning"],
      ["access-analyzer.suggestion", "info"],
    ]);
    expect(found[0]).toEqual({
      id: "access-analyzer.error",
      severity: "error",
      accountId: accountA.id,
      key: permissions.key,
      title: "Access Analyzer: invalid action",
      detail: "In the permissions, statement 1: Details of INVALID_ACTION.",
      nextStep:
        "See AWS's page on this rule: https://docs.aws.amazon.com/IAM/latest/UserGuide/INVALID_ACTION",
    });
    expect(found[2]?.detail).toBe("In the permissions: Details of MISSING_VERSION.");
  });

  it("is read to its last page", async () => {
    answer = ({ nextToken }) =>
      nextToken === undefined
        ? { body: { findings: [finding("WARNING", "FIRST", 0)], nextToken: "page 2" } }
        : validated(finding("WARNING", "SECOND", 0));
    const titles = (await analyze([permissions])).map(({ title }) => title);
    expect(titles).toEqual(["Access Analyzer: first", "Access Analyzer: second"]);
    expect(analyzer.asked.map(({ nextToken }) => nextToken)).toEqual([undefined, "page 2"]);
  });

  it("of others' statements is named and not quoted, and weighs nothing", async () => {
    bucketPolicy(foreign);
    answer = ({ operation }) =>
      operation === "ValidatePolicy"
        ? validated(
            finding("ERROR", "INVALID_ACTION", 0),
            finding("WARNING", "REDUNDANT_STATEMENT", 0, 1),
            finding("WARNING", "POLICY_SIZE"),
            finding("SUGGESTION", "OURS_ALONE", 1),
          )
        : compared("PASS");
    const found = await analyze([onBucket]);
    expect(found.find(({ id }) => id === "access-analyzer.foreign")).toMatchObject({
      severity: "info",
      detail: expect.stringContaining("invalid action"),
    });
    expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
    const text = JSON.stringify(found.map(({ detail }) => detail));
    expect(text).toContain("Details of OURS_ALONE");
    for (const hidden of ["TheirOwn", "Details of INVALID", "Details of REDUNDANT", "Details of POLICY"])
      expect(text).not.toContain(hidden);
  });

  it("confirms the access that a change is to give", async () => {
    bucketPolicy(foreign);
    answer = ({ operation }) =>
      operation === "ValidatePolicy"
        ? validated()
        : compared(
            "FAIL",
            { description: "New access in the statement with index: 1.", statementIndex: 1 },
            { description: "New access in the statement with sid: TheirOwn.", statementIndex: 0 },
            { description: "New access in the statement with sid: Theirs.", statementId: "Theirs" },
          );
    expect(await analyze([onBucket])).toMatchObject([
      {
        id: "access-analyzer.new-access",
        severity: "info",
        detail:
          "Access Analyzer confirms that this resource policy gives new access: New access in the statement with index: 1.",
      },
    ]);
  });

  it("says so when what the plan adds gives nothing new", async () => {
    bucketPolicy(foreign);
    expect((await analyze([onBucket])).map(({ id, severity }) => [id, severity])).toEqual([
      ["access-analyzer.no-new-access", "info"],
    ]);
  });
});

describe("Access Analyzer that can't be asked", () => {
  const message = "User is not authorized to perform: access-analyzer:ValidatePolicy";
  const cases: [string, Answer, RegExp, RegExp][] = [
    ["may not be asked", refused(403, "AccessDeniedException", message), /not authorized/, /onboarding/],
    ["is not in the Region", refused(403, "UnrecognizedClientException", "No."), /Region/, /Region/],
    ["refuses too many calls", refused(429, "ThrottlingException", "Slow down"), /too many/, /new version/],
    ["has an outage", refused(500, "InternalServerException", "Sorry"), /outage/, /Health Dashboard/],
    ["takes no such policy", refused(422, "UnprocessableEntityException", "Odd"), /Odd/, /new version/],
  ];
  it.each(cases)("as one that %s, is one finding of no weight", async (_, answered, why, next) => {
    answer = () => answered;
    const found = await analyze([source, permissions], { maxAttempts: 1 });
    expect(found).toMatchObject([
      {
        id: "access-analyzer.unavailable",
        severity: "info",
        accountId: accountA.id,
        title: "Access Analyzer could not be asked",
        detail: expect.stringMatching(why),
        nextStep: expect.stringMatching(next),
      },
    ]);
    expect(found[0]?.detail).toContain("2 questions have no answer");
  });

  it("is waited for until the deadline and no longer, and what it said before is kept", async () => {
    answer = ({ body }) =>
      body.policyType === "IDENTITY_POLICY" ? validated(finding("WARNING", "IN_TIME", 0)) : null;
    const started = performance.now();
    const found = await analyze([source, permissions], { withinMs: 1_500 });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(found.map(({ id, detail }) => [id, detail])).toEqual([
      ["access-analyzer.warning", expect.stringContaining("IN_TIME")],
      ["access-analyzer.unavailable", expect.stringContaining("did not answer within 1.5 s. One question")],
    ]);
  });
});
