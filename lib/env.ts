import { z } from "zod";

/**
 * The environment of each process, one schema a process. This is the only file of the product that reads
 * `process.env`. Nothing is read when the module is loaded, so `next build` needs no variable at all; every
 * process asks for its schema once, when it starts, and learns about all its problems at once.
 */

type Source = Readonly<Record<string, string | undefined>>;

const databaseUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: "is not a URL that starts with postgres:// or postgresql://" })
  .describe("the Postgres database, as postgresql://user:password@host:5432/name");
const httpUrl = () => z.url({ protocol: /^https?$/, error: "is not an http or https URL" });
const secret = () => z.string().min(32, "is shorter than 32 characters");
const wholeNumber = (from: number, to: number) => {
  const error = `is not a whole number from ${from} to ${to}`;
  return z.coerce.number({ error }).int(error).min(from, error).max(to, error);
};

const appUrl = httpUrl().describe(
  "the address people open in their browser, as https://drawbridge.example.com",
);
const installationId = z
  .string()
  .regex(/^[a-z0-9-]{1,20}$/, "is not 1 to 20 lower-case letters, digits and hyphens")
  .describe("a short name of this installation; everything it makes in AWS is tagged with it");
const signingKey = secret().describe(
  "the key, of at least 32 characters, that signs the callbacks of verification jobs; web and worker share it",
);
const awsMode = z
  .enum(["aws", "sandbox"], "is neither aws nor sandbox")
  .default("aws")
  .describe("whether this installation works on real AWS accounts or on the local sandbox: aws or sandbox");
const logLevel = z
  .enum(
    ["trace", "debug", "info", "warn", "error", "fatal"],
    "is not one of trace, debug, info, warn, error, fatal",
  )
  .default("info")
  .describe("how much is logged");

const webSchema = z.object({
  DATABASE_URL: databaseUrl,
  APP_URL: appUrl,
  INSTALLATION_ID: installationId,
  AUTH_SECRET: secret().describe("the key, of at least 32 characters, that encrypts session cookies"),
  SIGNING_KEY: signingKey,
  AUTH_OIDC_ISSUER: httpUrl().optional().describe("the address of the identity provider people sign in with"),
  AUTH_OIDC_CLIENT_ID: z.string().optional().describe("the client id registered at the identity provider"),
  AUTH_OIDC_CLIENT_SECRET: z.string().optional().describe("the client secret of that registration"),
  AUTH_OIDC_GROUPS_CLAIM: z
    .string()
    .default("groups")
    .describe("the claim of the id token that lists a person's groups"),
  DRAWBRIDGE_AWS: awsMode,
  DRAWBRIDGE_SANDBOX_ENDPOINT: httpUrl()
    .optional()
    .describe("the sandbox's address: with a loopback address the demo's one-click sign-in is offered"),
  LOG_LEVEL: logLevel,
});

const workerSchema = z.object({
  DATABASE_URL: databaseUrl,
  APP_URL: appUrl,
  INSTALLATION_ID: installationId,
  SIGNING_KEY: signingKey,
  DRAWBRIDGE_AWS: awsMode,
  AWS_ENDPOINT: httpUrl().optional().describe("the sandbox's address, which stands in for AWS"),
  AWS_REGION: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "is not the name of an AWS region, such as us-east-1")
    .default("us-east-1")
    .describe("the region whose STS endpoint is used"),
  WORKER_CONCURRENCY: wholeNumber(1, 100)
    .default(4)
    .describe("how many runs and schedules one worker works on at a time"),
  DRIFT_CHECK_MINUTES: wholeNumber(1, 10_080)
    .default(60)
    .describe("how often live access is compared with what is in AWS, in minutes"),
  CLASSIFICATION_TAG: z
    .string()
    .min(1)
    .max(128)
    .default("data-classification")
    .describe(
      "the key of the tag that marks what data a resource holds: public, internal, confidential or restricted",
    ),
  AUDIT_ANCHOR_FILE: z
    .string()
    .optional()
    .describe(
      "a file outside the database to which the head of history's chain is appended; without it nobody notices that the end of history was cut off",
    ),
  // Another worker looks every 2 s: a run goes on elsewhere within 30 s, whatever is set here.
  LEASE_SECONDS: wholeNumber(2, 25)
    .default(20)
    .describe("how long a run stays with a worker that gives no sign of life"),
  LOG_LEVEL: logLevel,
});

const sandboxSchema = z.object({
  SANDBOX_PORT: wholeNumber(0, 65_535)
    .default(0)
    .describe("the port of 127.0.0.1 that the sandbox listens on; 0 picks a free one"),
  SANDBOX_STATE_FILE: z
    .string()
    .optional()
    .describe("the file that keeps the sandbox's state; without it the state is lost at exit"),
  LOG_LEVEL: logLevel,
});

export type WebEnv = z.output<typeof webSchema>;
export type WorkerEnv = z.output<typeof workerSchema>;
export type SandboxEnv = z.output<typeof sandboxSchema>;

/** One variable that is missing, malformed or not allowed. */
export interface EnvironmentProblem {
  readonly name: string;
  readonly problem: string;
  readonly purpose: string;
}

export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly problems: readonly EnvironmentProblem[];

  constructor(process: string, problems: readonly EnvironmentProblem[]) {
    const lines = problems.map(({ name, problem, purpose }) => `  ${name} ${problem}\n    It is ${purpose}.`);
    super(`The ${process} cannot start: its environment is not complete.\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** The settings of the web process. @throws EnvironmentError naming every problem */
export function webEnv(source?: Source): WebEnv {
  return once("web", source, (given) => read("web process", webSchema, given, checkWeb));
}

/** The settings of the worker process. @throws EnvironmentError naming every problem */
export function workerEnv(source?: Source): WorkerEnv {
  return once("worker", source, (given) => read("worker process", workerSchema, given, checkWorker));
}

/** The settings of the sandbox. @throws EnvironmentError naming every problem */
export function sandboxEnv(source?: Source): SandboxEnv {
  return once("sandbox", source, (given) => read("sandbox", sandboxSchema, given, () => []));
}

/** For the first line of a process: its settings, or the list of problems on stderr and exit code 1. */
export function envOrExit<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const cache = new Map<string, unknown>();

/** The process's own environment is parsed once; a given one (tests, launchers) each time. */
function once<T>(key: string, source: Source | undefined, load: (source: Source) => T): T {
  if (source) return load(source);
  if (!cache.has(key)) cache.set(key, load(process.env));
  return cache.get(key) as T;
}

function read<S extends z.ZodObject>(
  processName: string,
  schema: S,
  source: Source,
  check: (given: Source) => EnvironmentProblem[],
): z.output<S> {
  // An empty value is what deployment templates leave behind for "not set".
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
  const result = schema.safeParse(given);
  const problems = [
    ...(result.error?.issues ?? []).map((issue): EnvironmentProblem => {
      const name = String(issue.path[0]);
      const purpose = schema.shape[name]?.description ?? "a setting";
      return { name, problem: given[name] === undefined ? "is missing" : issue.message, purpose };
    }),
    ...check(given),
  ];
  if (problems.length > 0 || !result.success) throw new EnvironmentError(processName, problems);
  return result.data;
}

/** Variables from which the SDK's default credential chain would take credentials. */
const AWS_CREDENTIALS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
] as const;

const OIDC_GROUP = ["AUTH_OIDC_ISSUER", "AUTH_OIDC_CLIENT_ID", "AUTH_OIDC_CLIENT_SECRET"] as const;

function checkWeb(given: Source): EnvironmentProblem[] {
  const credentials = AWS_CREDENTIALS.filter((name) => given[name]).map((name) => ({
    name,
    problem:
      "is set, and the web process must not hold AWS credentials: remove it here, and give it to the worker",
    purpose: "an AWS credential",
  }));
  const missing = OIDC_GROUP.filter((name) => !given[name]);
  if (missing.length === 0 || missing.length === OIDC_GROUP.length) return credentials;
  const present = OIDC_GROUP.filter((name) => given[name]).join(" and ");
  return [
    ...credentials,
    ...missing.map((name) => ({
      name,
      problem: `is missing, though ${present} is set`,
      purpose: webSchema.shape[name].description ?? "a setting",
    })),
  ];
}

function checkWorker(given: Source): EnvironmentProblem[] {
  const purpose = workerSchema.shape.AWS_ENDPOINT.description ?? "a setting";
  const sandbox = given.DRAWBRIDGE_AWS === "sandbox";
  if (sandbox && !given.AWS_ENDPOINT) {
    return [{ name: "AWS_ENDPOINT", problem: "is missing, though DRAWBRIDGE_AWS is sandbox", purpose }];
  }
  if (!sandbox && given.AWS_ENDPOINT) {
    const problem =
      "is set, though DRAWBRIDGE_AWS is not sandbox: credentials for AWS would go to another host";
    return [{ name: "AWS_ENDPOINT", problem, purpose }];
  }
  return [];
}
