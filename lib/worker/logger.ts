import { type Logger, pino } from "pino";

/** Names under which a secret could end up in a log line, at the top and one level down. */
const secrets = [
  "accessKeyId",
  "authorization",
  "Authorization",
  "connectionString",
  "cookie",
  "credentials",
  "externalId",
  "ExternalId",
  "password",
  "secretAccessKey",
  "SecretAccessKey",
  "sessionToken",
  "SessionToken",
  "signingKey",
  "token",
  "DATABASE_URL",
  "SIGNING_KEY",
];

/** Lines of JSON on stdout. Errors are logged by name and words: the SDK's carry requests and responses. */
export function createLogger(level: string, worker: string): Logger {
  return pino({
    level,
    base: { worker },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
    serializers: { err: describeError },
  });
}

/** Connection strings may stand in what a driver says. */
const passwordInUrl = /(\w+:\/\/[^:@/\s]+:)[^@/\s]+@/g;

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const clean = (text: string | undefined) => text?.replaceAll(passwordInUrl, "$1[redacted]@");
  return {
    name: error.name,
    message: clean(error.message),
    ...("code" in error ? { code: error.code } : {}),
    stack: clean(error.stack),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
