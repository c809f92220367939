import { EntityAlreadyExistsException, LimitExceededException } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import {
  classify,
  DanglingPrincipalError,
  type ErrorKind,
  errorKinds,
  ForeignResourceError,
  isKind,
  NotVisibleError,
  retryable,
} from "./errors.ts";
import { explain } from "./explain.ts";

function sdkError(name: string, message = "", httpStatusCode = 400) {
  return Object.assign(new Error(message), { name, $metadata: { requestId: "r-1", httpStatusCode } });
}

const cases: [string, string, number, ErrorKind][] = [
  ["Throttling", "Rate exceeded", 400, "throttled"],
  ["ThrottlingException", "", 429, "throttled"],
  ["SlowDown", "Reduce your request rate", 503, "throttled"],
  ["RequestThrottled", "", 400, "throttled"],
  ["NoSuchEntityException", "The role with name x cannot be found.", 404, "not-found"],
  ["NoSuchBucket", "", 404, "not-found"],
  ["NoSuchBucketPolicy", "", 404, "not-found"],
  ["NotFound", "", 404, "not-found"],
  ["QueueDoesNotExist", "", 400, "not-found"],
  ["NotFoundException", "Key 'arn:aws:kms:eu-west-1:1:key/k' does not exist", 400, "not-found"],
  ["ResourceNotFoundException", "No cluster found for name: c.", 404, "not-found"],
  ["EntityAlreadyExistsException", "", 409, "already-exists"],
  ["ResourceInUseException", "Association already exists: a-1", 409, "already-exists"],
  ["ResourceInUseException", "Cluster is busy", 409, "conflict"],
  ["DeleteConflictException", "", 409, "conflict"],
  ["ConcurrentModificationException", "", 409, "conflict"],
  ["EntityTemporarilyUnmodifiableException", "", 409, "conflict"],
  ["OperationAborted", "", 409, "conflict"],
  ["LimitExceededException", "Cannot exceed quota for RolesPerAccount: 1000", 409, "quota"],
  ["ResourceLimitExceededException", "", 400, "quota"],
  ["AccessDenied", "User: x is not authorized to perform: iam:CreateRole", 403, "access-denied"],
  ["AccessDeniedException", "", 403, "access-denied"],
  ["AccessDeniedException", "Cross-account pass role is not allowed.", 403, "invalid"],
  ["ExpiredTokenException", "", 403, "access-denied"],
  ["RegionDisabledException", "", 403, "access-denied"],
  ["CredentialsProviderError", "Could not load credentials from any providers", 0, "access-denied"],
  ["403", "UnknownError", 403, "access-denied"],
  ["MalformedPolicyDocumentException", 'Invalid principal in policy: "AWS":"x"', 400, "not-yet-visible"],
  ["MalformedPolicy", "Invalid principal in policy", 400, "not-yet-visible"],
  ["InvalidAttributeValue", "Invalid value for the parameter Policy.", 400, "not-yet-visible"],
  ["InvalidParameterException", "Role provided in the request does not exist", 400, "not-yet-visible"],
  // hashicorp/terraform-provider-aws#41483
  ["InvalidParameterException", "Trust policy of the role provided is invalid", 400, "not-yet-visible"],
  ["MalformedPolicyDocumentException", "Syntax errors in policy.", 400, "invalid"],
  ["MalformedPolicy", "Policy has invalid action", 400, "invalid"],
  ["ValidationError", "", 400, "invalid"],
  ["UnmodifiableEntityException", "", 400, "invalid"],
  ["PermanentRedirect", "", 301, "invalid"],
  ["InvalidArnException", "Invalid arn us-west-2", 400, "invalid"],
  ["KMSInvalidStateException", "arn:aws:kms:eu-west-1:1:key/k is pending deletion.", 400, "invalid"],
  ["KMSInternalException", "", 500, "transient"],
  ["DependencyTimeoutException", "", 503, "transient"],
  ["ServiceFailureException", "", 500, "transient"],
  ["OpenIdIdpCommunicationErrorException", "", 400, "transient"],
  ["IDPCommunicationErrorException", "", 400, "transient"],
  [
    "InvalidIdentityTokenException",
    "Couldn't retrieve verification key from your identity provider, please reference the documentation",
    400,
    "transient",
  ],
  ["InvalidIdentityTokenException", "Incorrect token audience", 400, "access-denied"],
  ["InternalError", "", 500, "transient"],
  ["TimeoutError", "", 0, "transient"],
  ["SomethingNew", "", 503, "transient"],
  ["SomethingNew", "", 418, "unknown"],
];

describe("classify", () => {
  it.each(cases)("%s (%s) %i → %s", (name, message, status, kind) => {
    expect(classify(sdkError(name, message, status))).toEqual({
      kind,
      code: name.replace(/Exception$/, ""),
      message: message || "no message",
      requestId: "r-1",
    });
  });

  it("knows the SDK's own classes", () => {
    expect(classify(new EntityAlreadyExistsException({ $metadata: {}, message: "m" })).kind).toBe(
      "already-exists",
    );
    expect(classify(new LimitExceededException({ $metadata: {}, message: "m" })).kind).toBe("quota");
  });

  it("reads Node's connection errors by their code, and anything else as unknown", () => {
    expect(classify(Object.assign(new Error("x"), { code: "ECONNRESET" })).kind).toBe("transient");
    for (const odd of [undefined, null, "text", 7, {}, new Error("plain")]) {
      expect(classify(odd).kind).toBe("unknown");
    }
  });

  it("keeps the kind that our own errors were thrown with", () => {
    expect(classify(new ForeignResourceError("m"))).toEqual({
      kind: "already-exists",
      code: "ForeignResource",
      message: "m",
    });
    expect(isKind(new DanglingPrincipalError("m"), "invalid")).toBe(true);
    expect(isKind(new NotVisibleError("m"), "not-yet-visible")).toBe(true);
  });
});

describe("retryable", () => {
  it("retries what passes by itself, and neither quotas nor refusals", () => {
    const yes: ErrorKind[] = ["throttled", "conflict", "not-yet-visible", "transient"];
    for (const kind of errorKinds) expect([kind, retryable(kind)]).toEqual([kind, yes.includes(kind)]);
  });
});

describe("explain", () => {
  const role = {
    kind: "role",
    accountId: "444455556666",
    key: "arn:aws:iam::444455556666:role/drawbridge/acme/pay-api-1f",
  };

  it.each(cases)("has a cause and a next step for %s (%s)", (name, message, status) => {
    const { cause, nextStep } = explain(classify(sdkError(name, message, status)), role);
    for (const text of [cause, nextStep]) {
      expect(text).toMatch(/^\S.{15,}[.…)"a-z0-9]$/s);
      expect(text).not.toMatch(/undefined|\[object/);
    }
  });

  it("has both for every kind, whatever the code", () => {
    for (const kind of errorKinds) {
      const { cause, nextStep } = explain({ kind, code: "Odd", message: "odd" }, role);
      expect(cause.length).toBeGreaterThan(15);
      expect(nextStep.length).toBeGreaterThan(15);
    }
  });

  it("names the resource, not its key", () => {
    const { cause } = explain(classify(sdkError("NoSuchEntityException", "m", 404)), role);
    expect(cause).toContain("the role pay-api-1f in account 444455556666");
  });

  it("tells a missing key from a missing bucket, and who has to let Drawbridge read a key", () => {
    const account = { kind: "account", accountId: "444455556666", key: "arn:aws:kms:eu-west-1:4:key/k" };
    const missing = (message: string) =>
      explain(classify(sdkError("NotFoundException", message)), account).cause;
    expect(missing("Key 'arn:aws:kms:eu-west-1:4:key/k' does not exist")).toMatch(
      /KMS does not know the key/,
    );
    expect(missing("UnknownError")).toMatch(/The bucket is not there/);
    const refused = (side: string) =>
      explain(
        classify(
          sdkError(
            "AccessDeniedException",
            `User: arn:aws:sts::4:assumed-role/p/s is not authorized to perform: kms:GetKeyPolicy on resource: k because no ${side}-based policy allows the kms:GetKeyPolicy action`,
          ),
        ),
        account,
      ).nextStep;
    expect(refused("resource")).toMatch(/in the key's policy/);
    expect(refused("identity")).toMatch(/Redeploy the onboarding template/);
  });

  it("tells a quota of trust policies from one of roles", () => {
    const trust = explain(
      { kind: "quota", code: "LimitExceeded", message: "quota for ACLSizePerRole: 2048" },
      role,
    );
    const count = explain(
      { kind: "quota", code: "LimitExceeded", message: "quota for RolesPerAccount: 1000" },
      role,
    );
    expect(trust.nextStep).toContain("trust policy length");
    expect(count.cause).toContain("RolesPerAccount");
  });
});
