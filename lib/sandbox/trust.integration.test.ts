import { ListClustersCommand } from "@aws-sdk/client-eks";
import {
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetObjectCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import {
  accountA,
  accountB,
  adminOf,
  assumed,
  clients,
  control,
  estate,
  everything,
  issuer,
  keysOf,
  outcome,
  portal,
  region,
  tokenFor,
  trusting,
  workerKeys,
} from "./test-estate.ts";

let sandbox: RunningSandbox;
let now = Date.now();

beforeAll(async () => {
  sandbox = await startSandbox({ clock: () => now });
});
afterAll(() => sandbox.close());

const provider = (account: string) => `arn:aws:iam::${account}:oidc-provider/${issuer}`;
const irsa = trusting({ Federated: provider(accountA) }, "sts:AssumeRoleWithWebIdentity", {
  StringEquals: {
    [`${issuer}:aud`]: "sts.amazonaws.com",
    [`${issuer}:sub`]: "system:serviceaccount:pay:api",
  },
});
const worker = `arn:aws:iam::${portal}:user/worker`;
const conditioned = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: worker },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": "portal-secret-0001" } },
    },
    {
      Effect: "Allow",
      Principal: { AWS: worker },
      Action: "sts:TagSession",
      Condition: { StringEquals: { "aws:RequestTag/team": "pay" } },
    },
  ],
};

beforeEach(async () => {
  now = Date.now();
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", {
    accounts: [
      ...estate.accounts.filter((one) => one.id !== accountA),
      {
        ...estate.accounts[1],
        oidcProviders: [{ issuer }],
        roles: [
          ...(estate.accounts[1]?.roles ?? []),
          { name: "pod", trust: irsa, maxSessionDuration: 7200 },
          { name: "guarded", trust: conditioned, policies: [{ name: "all", document: everything }] },
          {
            name: "foreign",
            trust: trusting({ Federated: provider(accountB) }, "sts:AssumeRoleWithWebIdentity"),
          },
        ],
      },
    ],
  });
});

const podRole = `arn:aws:iam::${accountA}:role/pod`;
const anonymousSts = () =>
  new STSClient({ endpoint: sandbox.url, region, credentials: workerKeys, maxAttempts: 1 });

function withToken(WebIdentityToken: string, RoleArn = podRole, DurationSeconds?: number) {
  return anonymousSts().send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn,
      RoleSessionName: "pod",
      WebIdentityToken,
      ...(DurationSeconds && { DurationSeconds }),
    }),
  );
}

describe("AssumeRoleWithWebIdentity", () => {
  it("gives the service account that the trust policy names a session", async () => {
    const token = await tokenFor(sandbox.url, { namespace: "pay", serviceAccount: "api" });
    const answer = await withToken(token);
    expect(answer).toMatchObject({
      Provider: provider(accountA),
      SubjectFromWebIdentityToken: "system:serviceaccount:pay:api",
      Audience: "sts.amazonaws.com",
    });
    const pod = clients(sandbox.url, keysOf(answer.Credentials));
    const who = await pod.sts.send(new GetCallerIdentityCommand({}));
    expect(who.Arn).toBe(`arn:aws:sts::${accountA}:assumed-role/pod/pod`);
    expect(await outcome(withToken(token, podRole, 7200))).toBe("ok");
    expect(await outcome(withToken(token, podRole, 7201))).toBe("ValidationError");
  });

  it.each([
    ["another service account", { namespace: "pay", serviceAccount: "other" }, "AccessDenied"],
    ["another namespace", { namespace: "shop", serviceAccount: "api" }, "AccessDenied"],
    [
      "another cluster",
      { cluster: "green", namespace: "pay", serviceAccount: "api" },
      "InvalidIdentityTokenException",
    ],
    [
      "another audience",
      { namespace: "pay", serviceAccount: "api", audience: "vault" },
      "InvalidIdentityTokenException",
    ],
    ["the past", { namespace: "pay", serviceAccount: "api", expirationSeconds: -5 }, "ExpiredTokenException"],
  ])("refuses a token of %s", async (_, wanted, name) => {
    expect(await outcome(withToken(await tokenFor(sandbox.url, wanted)))).toBe(name);
  });

  it("refuses a token that somebody else signed", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer(`https://${issuer}`)
      .setSubject("system:serviceaccount:pay:api")
      .setAudience("sts.amazonaws.com")
      .setExpirationTime("1h")
      .sign(privateKey);
    expect(await outcome(withToken(forged))).toBe("InvalidIdentityTokenException");
    expect(await outcome(withToken("no.jwt.here"))).toBe("InvalidIdentityTokenException");
    expect(await outcome(withToken("nonsense"))).toBe("InvalidIdentityTokenException");
  });

  it("needs the provider, and in the role's own account", async () => {
    const token = await tokenFor(sandbox.url, { namespace: "pay", serviceAccount: "api" });
    const inB = `arn:aws:iam::${accountB}:role/provisioner`;
    await expect(withToken(token, inB)).rejects.toThrow(
      `No OpenIDConnect provider found in your account for https://${issuer}`,
    );
    expect(await outcome(withToken(token, `arn:aws:iam::${accountA}:role/foreign`))).toBe("AccessDenied");
    const { iam } = await adminOf(sandbox.url, accountA);
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: provider(accountA) }));
    expect(await outcome(withToken(token))).toBe("InvalidIdentityTokenException");
  });

  it("does not tell a missing role from a forbidden one", async () => {
    const token = await tokenFor(sandbox.url, { namespace: "pay", serviceAccount: "api" });
    await expect(withToken(token, `arn:aws:iam::${accountA}:role/none`)).rejects.toThrow(
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
  });
});

describe("AssumeRole", () => {
  const guarded = (more: Partial<AssumeRoleCommandInput> = {}) =>
    clients(sandbox.url, workerKeys).sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${accountA}:role/guarded`,
        RoleSessionName: "test",
        ExternalId: "portal-secret-0001",
        ...more,
      }),
    );

  it.each<[string, Partial<AssumeRoleCommandInput>, string]>([
    ["the right external id", {}, "ok"],
    ["a wrong external id", { ExternalId: "guess" }, "AccessDenied"],
    ["no external id", { ExternalId: undefined }, "AccessDenied"],
    ["the right tag", { Tags: [{ Key: "team", Value: "pay" }] }, "ok"],
    ["a wrong tag", { Tags: [{ Key: "team", Value: "shop" }] }, "AccessDenied"],
    ["a source identity that nobody allowed", { SourceIdentity: "alice" }, "AccessDenied"],
    ["a session longer than the role's", { DurationSeconds: 3601 }, "ValidationError"],
    ["a short session", { DurationSeconds: 60 }, "ValidationError"],
    ["a bad session name", { RoleSessionName: "a b" }, "ValidationError"],
    ["a session policy that is too long", { Policy: "x".repeat(2049) }, "PackedPolicyTooLargeException"],
    ["a session policy that is none", { Policy: "{}" }, "MalformedPolicyDocumentException"],
  ])("with %s", async (_, input, name) => {
    expect(await outcome(guarded(input))).toBe(name);
  });

  it("carries transitive tags along a chain, where sessions last an hour at most", async () => {
    const { iam } = await adminOf(sandbox.url, accountB);
    const trust = (team: string) =>
      JSON.stringify(
        trusting({ AWS: `arn:aws:iam::${accountA}:role/guarded` }, ["sts:AssumeRole", "sts:TagSession"], {
          StringEquals: { "aws:RequestTag/team": team },
        }),
      );
    const next = { RoleArn: `arn:aws:iam::${accountB}:role/provisioner`, RoleSessionName: "next" };
    const first = await guarded({ Tags: [{ Key: "team", Value: "pay" }], TransitiveTagKeys: ["team"] });
    const { sts } = clients(sandbox.url, keysOf(first.Credentials));
    const replace = (document: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "provisioner", PolicyDocument: document }));
    await replace(trust("shop"));
    expect(await outcome(sts.send(new AssumeRoleCommand(next)))).toBe("AccessDenied");
    await replace(trust("pay"));
    expect(await outcome(sts.send(new AssumeRoleCommand(next)))).toBe("ok");
    expect(await outcome(sts.send(new AssumeRoleCommand({ ...next, DurationSeconds: 3601 })))).toBe(
      "ValidationError",
    );
    const again = { ...next, Tags: [{ Key: "team", Value: "shop" }] };
    expect(await outcome(sts.send(new AssumeRoleCommand(again)))).toBe("InvalidParameterValue");
  });

  it("limits a session by its policy", async () => {
    const denyAll = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }],
    });
    const RoleArn = `arn:aws:iam::${accountB}:role/provisioner`;
    const read = async (Policy?: string) => {
      const call = new AssumeRoleCommand({ RoleArn, RoleSessionName: "limited", ...(Policy && { Policy }) });
      const { Credentials } = await clients(sandbox.url, workerKeys).sts.send(call);
      const { s3 } = clients(sandbox.url, keysOf(Credentials));
      return outcome(s3.send(new GetObjectCommand({ Bucket: "reports", Key: "daily/1.csv" })));
    };
    expect([await read(), await read(denyAll)]).toEqual(["ok", "AccessDenied"]);
  });
});

describe("credentials", () => {
  it("end with their role, also when one of the same name is made", async () => {
    const { iam } = await adminOf(sandbox.url, accountB);
    const role = { RoleName: "brief", AssumeRolePolicyDocument: JSON.stringify(trusting({ AWS: worker })) };
    await iam.send(new CreateRoleCommand(role));
    const { sts } = clients(sandbox.url, await assumed(sandbox.url, `arn:aws:iam::${accountB}:role/brief`));
    const who = () => outcome(sts.send(new GetCallerIdentityCommand({})));
    expect(await who()).toBe("ok");
    await iam.send(new DeleteRoleCommand({ RoleName: "brief" }));
    await iam.send(new CreateRoleCommand(role));
    expect(await who()).toBe("InvalidClientTokenId");
  });

  it("are refused in each service's words", async () => {
    const ask = async (keys: Parameters<typeof clients>[1]) => {
      const { sts, s3, eks } = clients(sandbox.url, keys);
      return Promise.all([
        outcome(sts.send(new GetCallerIdentityCommand({}))),
        outcome(s3.send(new ListBucketsCommand({}))),
        outcome(eks.send(new ListClustersCommand({}))),
      ]);
    };
    const session = await assumed(sandbox.url, `arn:aws:iam::${accountB}:role/provisioner`);
    expect(await ask(session)).toEqual(["ok", "ok", "ok"]);
    expect(await ask({ ...session, secretAccessKey: "guess" })).toEqual([
      "SignatureDoesNotMatch",
      "SignatureDoesNotMatch",
      "InvalidSignatureException",
    ]);
    expect(await ask({ ...session, sessionToken: "other" })).toEqual([
      "InvalidClientTokenId",
      "InvalidToken",
      "UnrecognizedClientException",
    ]);
    expect(await ask({ ...workerKeys, accessKeyId: "AKIANOBODY0000000000" })).toEqual([
      "InvalidClientTokenId",
      "InvalidAccessKeyId",
      "UnrecognizedClientException",
    ]);
    now += 3_600_001;
    expect(await ask(session)).toEqual(["ExpiredToken", "ExpiredToken", "ExpiredTokenException"]);
  });
});
