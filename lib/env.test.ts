import { describe, expect, it } from "vitest";
import { EnvironmentError, sandboxEnv, webEnv, workerEnv } from "./env.ts";

const web = {
  DATABASE_URL: "postgresql://u:p@127.0.0.1:5432/d",
  APP_URL: "http://localhost:3000",
  INSTALLATION_ID: "demo",
  AUTH_SECRET: "a".repeat(32),
  SIGNING_KEY: "s".repeat(32),
};
const worker = {
  DATABASE_URL: web.DATABASE_URL,
  APP_URL: web.APP_URL,
  INSTALLATION_ID: web.INSTALLATION_ID,
  SIGNING_KEY: web.SIGNING_KEY,
};

function problems(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof EnvironmentError)
      return error.problems.map(({ name, problem }) => `${name} ${problem}`);
    throw error;
  }
  return [];
}

describe("web environment", () => {
  it("takes a complete one and fills in defaults", () => {
    expect(webEnv(web)).toMatchObject({ DRAWBRIDGE_AWS: "aws", AUTH_OIDC_GROUPS_CLAIM: "groups" });
  });

  it("names everything that is missing or malformed at once, with its purpose", () => {
    const given = {
      ...web,
      DATABASE_URL: "mysql://x",
      APP_URL: "  ",
      INSTALLATION_ID: "Not OK",
      AUTH_SECRET: "short",
    };
    expect(problems(() => webEnv(given))).toEqual([
      "DATABASE_URL is not a URL that starts with postgres:// or postgresql://",
      "APP_URL is missing",
      "INSTALLATION_ID is not 1 to 20 lower-case letters, digits and hyphens",
      "AUTH_SECRET is shorter than 32 characters",
    ]);
    expect(() => webEnv({})).toThrow(/SIGNING_KEY is missing\n {4}It is the key/);
  });

  it.each([
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  ])("refuses to start with %s", (name) => {
    expect(problems(() => webEnv({ ...web, [name]: "x" }))).toEqual([
      expect.stringContaining(`${name} is set`),
    ]);
  });

  it("wants the identity provider's settings all together or not at all", () => {
    expect(problems(() => webEnv({ ...web, AUTH_OIDC_ISSUER: "https://id.example.com" }))).toEqual([
      "AUTH_OIDC_CLIENT_ID is missing, though AUTH_OIDC_ISSUER is set",
      "AUTH_OIDC_CLIENT_SECRET is missing, though AUTH_OIDC_ISSUER is set",
    ]);
  });

  it("reports cross-checks together with malformed values", () => {
    expect(problems(() => webEnv({ ...web, APP_URL: "ftp://x", AWS_SESSION_TOKEN: "t" }))).toHaveLength(2);
  });
});

describe("worker environment", () => {
  it("takes a complete one and turns numbers into numbers", () => {
    expect(workerEnv({ ...worker, WORKER_CONCURRENCY: "8" })).toMatchObject({
      WORKER_CONCURRENCY: 8,
      LEASE_SECONDS: 20,
      DRIFT_CHECK_MINUTES: 60,
      CLASSIFICATION_TAG: "data-classification",
      AWS_REGION: "us-east-1",
    });
  });

  it("refuses an endpoint of its own outside the sandbox, and a sandbox without one", () => {
    const AWS_ENDPOINT = "http://127.0.0.1:4600";
    expect(problems(() => workerEnv({ ...worker, AWS_ENDPOINT }))).toHaveLength(1);
    expect(problems(() => workerEnv({ ...worker, DRAWBRIDGE_AWS: "sandbox" }))).toHaveLength(1);
    expect(problems(() => workerEnv({ ...worker, DRAWBRIDGE_AWS: "sandbox", AWS_ENDPOINT }))).toEqual([]);
  });

  it.each(["0", "often", "10081"])("refuses to look for drift every %s minutes", (DRIFT_CHECK_MINUTES) => {
    expect(problems(() => workerEnv({ ...worker, DRIFT_CHECK_MINUTES }))).toEqual([
      "DRIFT_CHECK_MINUTES is not a whole number from 1 to 10080",
    ]);
  });

  it.each(["0", "26", "many", "1.5"])("refuses a lease of %s seconds", (LEASE_SECONDS) => {
    expect(problems(() => workerEnv({ ...worker, LEASE_SECONDS }))).toEqual([
      "LEASE_SECONDS is not a whole number from 2 to 25",
    ]);
  });
});

it("the sandbox starts without any setting", () => {
  expect(sandboxEnv({})).toMatchObject({ SANDBOX_PORT: 0 });
});
