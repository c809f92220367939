import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolPath } from "./host.mjs";
import { DATA, folder } from "./paths.mjs";

/** What each process is given: allow-lists, so that nothing of the person's own shell (AWS keys!) reaches one. */

const BASICS = ["HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TERM", "NODE_EXTRA_CA_CERTS", "LOG_LEVEL"];
const IDENTITY_PROVIDER = [
  "AUTH_OIDC_ISSUER",
  "AUTH_OIDC_CLIENT_ID",
  "AUTH_OIDC_CLIENT_SECRET",
  "AUTH_OIDC_GROUPS_CLAIM",
];

/** Compiled code is kept between starts: it halves what the many short processes of the played pods take. */
const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(DATA, "compile-cache") };

/** Where the demo's worker writes down how far history went. Belongs to one database: it goes when that goes. */
export const ANCHORS = "audit-anchors.jsonl";

/** Random keys of one state folder, kept so that sessions and callbacks survive a restart. */
export function secrets(stateFolder) {
  const path = join(folder(stateFolder), "secrets.json");
  const random = () => randomBytes(32).toString("base64url");
  let kept = {};
  try {
    kept = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The first start, or a file that a full disk cut short.
  }
  const all = { authSecret: random(), signingKey: random(), databasePassword: random(), ...kept };
  writeFileSync(path, JSON.stringify(all, null, 2), { mode: 0o600 });
  return all;
}

function basics() {
  return {
    ...pick(BASICS),
    ...COMPILE_CACHE,
    PATH: toolPath(),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/** For tools that build: no settings of a running product. */
export function buildEnvironment() {
  return { ...basics(), ...pick(["CI", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) };
}

/**
 * @param stack `{ installation, port, sandboxPort, databaseUrl, secrets, stateFolder }`
 * @returns the environment of each process by name
 */
export function environments(stack) {
  const url = `http://localhost:${stack.port}`;
  const sandbox = `http://127.0.0.1:${stack.sandboxPort}`;
  const common = {
    ...basics(),
    DATABASE_URL: stack.databaseUrl,
    APP_URL: url,
    INSTALLATION_ID: stack.installation,
    SIGNING_KEY: stack.secrets.signingKey,
    DRAWBRIDGE_AWS: "sandbox",
  };
  const worker = {
    ...common,
    AWS_ENDPOINT: sandbox,
    AWS_REGION: "us-east-1",
    AUDIT_ANCHOR_FILE: join(stack.stateFolder, ANCHORS),
    // The sandbox's own portal principal. They open nothing anywhere else.
    AWS_ACCESS_KEY_ID: "AKIADRAWBRIDGEPORTAL0",
    AWS_SECRET_ACCESS_KEY: "sandbox-secret",
    // The SDK must not look for other credentials or settings on this machine.
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  return {
    web: {
      ...common,
      ...pick(IDENTITY_PROVIDER),
      AUTH_SECRET: stack.secrets.authSecret,
      AUTH_URL: url,
      DRAWBRIDGE_SANDBOX_ENDPOINT: sandbox,
      PORT: String(stack.port),
      HOSTNAME: "127.0.0.1",
    },
    worker,
    seed: { ...worker, DRAWBRIDGE_PERSONAS_FILE: join(stack.stateFolder, "personas.json") },
    sandbox: {
      ...basics(),
      SANDBOX_PORT: String(stack.sandboxPort),
      SANDBOX_STATE_FILE: join(stack.stateFolder, "sandbox.json"),
    },
    migrate: { ...basics(), DATABASE_URL: stack.databaseUrl },
  };
}

/** For tests: the person's environment without what could reach a real account or database. */
export function testEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|AUTH_|DRAWBRIDGE_|DATABASE_URL$|APP_URL$|SIGNING_KEY$|NODE_ENV$|npm_)/.test(name),
  );
  return {
    ...COMPILE_CACHE,
    ...Object.fromEntries(kept),
    PATH: toolPath(),
    NEXT_TELEMETRY_DISABLED: "1",
    ...extra,
  };
}

function pick(names) {
  const found = names.map((name) => [name, process.env[name]]).filter(([, value]) => value);
  return Object.fromEntries(found);
}
