import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Account } from "#lib/model/account.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";

/** An account as the independent client shows it; see scripts/moto/read_back.py. */
export interface AccountState {
  /** By ARN. */
  roles: Record<string, RoleState>;
  /** Managed policies' documents by ARN. */
  policies: Record<string, PolicyDocument>;
  /** By ARN. */
  providers: Record<string, { issuer: string; clientIds: string[]; tags: Record<string, string> }>;
  /** Policies by bucket name. */
  buckets: Record<string, PolicyDocument | null>;
  /** Policies by queue ARN. */
  queues: Record<string, PolicyDocument | null>;
  /** By `cluster/namespace/service account`. */
  associations?: Record<
    string,
    { roleArn: string; targetRoleArn: string | null; tags: Record<string, string> }
  >;
}

export interface RoleState {
  path: string;
  description: string;
  trust: PolicyDocument;
  boundaryArn: string | null;
  maxSessionDuration: number;
  tags: Record<string, string>;
  /** Documents by policy name. */
  inline: Record<string, PolicyDocument>;
  attached: string[];
}

export interface ReadBack {
  /** By account id. Each account is entered with the role that stands for its provisioner here. */
  state(
    accounts: readonly Account[],
    options: { associations: boolean },
  ): Promise<Record<string, AccountState>>;
  close(): Promise<void>;
}

const script = fileURLToPath(new URL("../../../scripts/moto/read_back.py", import.meta.url));

/** The Python that has boto3; undefined: nothing can be read back with it. */
export const python = process.env.TEST_MOTO_PYTHON;

/** Starts the independent client on an AWS; it answers one question after the other. */
export function readBack(aws: {
  url: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}): ReadBack {
  if (!python) throw new Error("TEST_MOTO_PYTHON must name a Python with boto3: npm run test:moto sets it.");
  const child = spawn(python, [script, aws.url, aws.region], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      // Imports take seconds where nothing of them is kept compiled.
      PYTHONDONTWRITEBYTECODE: "",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async state(accounts, { associations }) {
      const asked = accounts.map(({ id, provisionerRoleArn }) => ({ id, roleArn: provisionerRoleArn }));
      child.stdin.write(`${JSON.stringify({ accounts: asked, associations })}\n`);
      const line = await lines.next();
      if (line.done) throw new Error("The independent client ended before it answered.");
      return JSON.parse(line.value);
    },
    close() {
      child.stdin.end();
      return ended;
    },
  };
}
