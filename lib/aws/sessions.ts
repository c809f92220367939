import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { AccessAnalyzerClient } from "@aws-sdk/client-accessanalyzer";
import { EKSClient } from "@aws-sdk/client-eks";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { Account } from "#lib/model/account.ts";
import type { AccountId, Partition } from "#lib/model/arn.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type AwsCall, recordCalls } from "./calls.ts";
import { SessionOverError } from "./errors.ts";
import { createRetryStrategy } from "./retry.ts";

export type { AwsCall } from "./calls.ts";

export interface SessionOptions {
  /** An AWS of one's own, such as the sandbox; absent: AWS. */
  endpoint?: string;
  /** The Region whose STS is called: regional, never the global endpoint. */
  region: string;
  /** The worker's own credentials; absent: the SDK's default chain. */
  credentials?: NonNullable<STSClientConfig["credentials"]>;
  /** This installation's id: in the user agent of every call, so that CloudTrail tells installations apart. */
  installation: string;
  onCall?: (call: AwsCall) => void;
  /** Calls in all, the first included. */
  maxAttempts?: number;
  /** A call that has not answered by then is given up (and may be retried). Must be shorter than a run's lease. */
  callTimeoutMs?: number;
}

/** Why a session is opened; STS writes it into CloudTrail beside every call made with it. */
export interface SessionPurpose {
  /** 2–64 characters of `[\w+=,.@-]`; other characters are replaced. */
  sessionName: string;
  /** The request on whose behalf it is; sticks to the session through further role chaining. */
  sourceIdentity?: string;
  /**
   * Narrows the session to what one step needs; at most 2,048 characters as text. One that ends at a time is made of
   * AWS's own time, by which it is judged.
   */
  policy?: PolicyDocument | ((awsNow: Date) => PolicyDocument);
}

/** SDK clients of one account, all with the session of its provisioner role; made when first used. */
export interface AccountClients {
  account: Account;
  /** Asks STS for the session now, and not with the first call. */
  open(): Promise<void>;
  /** IAM is global: its control plane is in the partition's home Region. */
  iam(): IAMClient;
  eks(region: string): EKSClient;
  s3(region: string): S3Client;
  sqs(region: string): SQSClient;
  kms(region: string): KMSClient;
  sts(): STSClient;
  accessAnalyzer(region: string): AccessAnalyzerClient;
}

export interface AwsSessions {
  account(account: Account, purpose: SessionPurpose): AccountClients;
}

/** Where IAM's control plane is, by partition. Source: IAM endpoints and quotas, AWS General Reference. */
const homeRegions: Record<Partition, string> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
};

export function homeRegion(partition: Partition): string {
  return homeRegions[partition];
}

/** IAM has one host for all accounts, and every run calls it. */
const connectionsPerHost = 200;

/** The shortest session STS gives, in seconds. */
const sessionSeconds = 900;
/** Renewed when less than this is left. */
const renewBeforeMs = 5 * 60_000;

interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** By this machine's clock, by which the SDK judges it. */
  expiration: Date;
}

/** What a time of AWS's that `createSessions` tells may be wrong by, in milliseconds: the answer's way, and more. */
export const clockErrorMs = 20_000;
/** Two readings of it may differ by so much: it is told in whole seconds, and answers take their time. */
const readingErrorMs = 5_000;

function agree(oneMs: number, otherMs: number): boolean {
  return Math.abs(oneMs - otherMs) <= readingErrorMs;
}

/** AWS's clock, as its answers tell it: a worker's own may be minutes off. */
class AwsClock {
  #aheadMs = 0;

  /** By which it is ahead of ours. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  set(time: Date): void {
    const aheadMs = time.getTime() - Date.now();
    if (!agree(aheadMs, this.#aheadMs)) this.#aheadMs = aheadMs;
  }
}

/** Holds the last credentials and fetches new ones near their end; callers at the same time share one fetch. */
function cached(fetch: () => Promise<SessionCredentials>): () => Promise<SessionCredentials> {
  let current: Promise<SessionCredentials> | undefined;
  let renewAt = 0;
  const renew = async () => {
    try {
      const issued = await fetch();
      renewAt = issued.expiration.getTime() - renewBeforeMs;
      return issued;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
  return () => {
    if (!current || Date.now() >= renewAt) {
      renewAt = Number.POSITIVE_INFINITY;
      current = renew();
    }
    return current;
  };
}

/** Makes a value once a key. */
function memo<V>(make: (key: string) => V): (key: string) => V {
  const made = new Map<string, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** STS: session names are 2–64 characters of `[\w+=,.@-]`. */
export function sessionName(text: string): string {
  return text
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");
}

/**
 * The way into every account: the worker's own credentials, then AssumeRole into the account's provisioner role with
 * the account's ExternalId. With `endpoint` the same SDK, signing and calls go elsewhere, and S3 addresses buckets
 * by path, because a bucket's name can't be a host name there. All clients share their connections, which stay open
 * between calls: a session a step costs no handshake. So clients must not be destroyed, and need not be.
 */
export function createSessions(options: SessionOptions): AwsSessions {
  const maxAttempts = options.maxAttempts ?? 5;
  const connections = { keepAlive: true, maxSockets: connectionsPerHost };
  const common = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    maxAttempts,
    customUserAgent: `drawbridge/${options.installation}`,
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: options.callTimeoutMs ?? 15_000,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(connections),
      httpsAgent: new HttpsAgent(connections),
    },
  };
  const instrument = <C extends object>(client: C, accountId: AccountId): C => {
    if (options.onCall) recordCalls(client, accountId, options.onCall);
    return client;
  };
  const config = (region: string) => ({ ...common, region, retryStrategy: createRetryStrategy(maxAttempts) });
  const clock = new AwsClock();
  const base = memo((accountId) =>
    instrument(
      new STSClient({
        ...config(options.region),
        ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      }),
      accountId,
    ),
  );

  return {
    account(account, purpose) {
      const credentials = cached(() => assume(base(account.id), account, purpose, clock));
      const make = <C extends object>(create: (region: string) => C) =>
        memo((region) => instrument(create(region), account.id));
      const iam = make((region) => new IAMClient({ ...config(region), credentials }));
      const sts = make((region) => new STSClient({ ...config(region), credentials }));
      const pathStyle = options.endpoint !== undefined;
      return {
        account,
        open: async () => {
          await credentials();
        },
        iam: () => iam(homeRegion(account.partition)),
        sts: () => sts(options.region),
        eks: make((region) => new EKSClient({ ...config(region), credentials })),
        s3: make((region) => new S3Client({ ...config(region), credentials, forcePathStyle: pathStyle })),
        sqs: make((region) => new SQSClient({ ...config(region), credentials })),
        kms: make((region) => new KMSClient({ ...config(region), credentials })),
        accessAnalyzer: make((region) => new AccessAnalyzerClient({ ...config(region), credentials })),
      };
    },
  };
}

/** A policy that was made of a wrong time is made anew; more often than this no clock is set. */
const clockRounds = 3;

async function assume(
  sts: STSClient,
  account: Account,
  purpose: SessionPurpose,
  clock: AwsClock,
): Promise<SessionCredentials> {
  for (let round = 1; ; round += 1) {
    const asked = Date.now();
    const { aheadMs } = clock;
    const { Expiration, ...credentials } = await issue(sts, account, purpose, new Date(asked + aheadMs));
    // STS names the end of what it gives out by its own clock.
    clock.set(new Date(Expiration.getTime() - sessionSeconds * 1000));
    // By the clock as it is now: the answer to another session may have set it meanwhile.
    if (typeof purpose.policy !== "function" || agree(clock.aheadMs, aheadMs))
      return { ...credentials, expiration: new Date(asked + sessionSeconds * 1000) };
    if (round >= clockRounds) throw new SessionOverError("This machine's clock does not stand still.");
  }
}

async function issue(
  sts: STSClient,
  account: Account,
  { sessionName: name, sourceIdentity, policy }: SessionPurpose,
  awsNow: Date,
): Promise<Omit<SessionCredentials, "expiration"> & { Expiration: Date }> {
  const document = typeof policy === "function" ? policy(awsNow) : policy;
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: account.provisionerRoleArn,
      ExternalId: account.externalId,
      RoleSessionName: sessionName(name),
      DurationSeconds: sessionSeconds,
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sessionName(sourceIdentity) }),
      ...(document === undefined ? {} : { Policy: JSON.stringify(document) }),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new Error(`STS answered without credentials for ${account.provisionerRoleArn}`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    Expiration,
  };
}
