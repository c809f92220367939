import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { services } from "#lib/sandbox/services/registry.ts";
import { type ClassifiedError, classify, errorKinds, NotVisibleError } from "./errors.ts";
import { explain } from "./explain.ts";

const sandbox = new URL("../sandbox/", import.meta.url);
const role = {
  kind: "role",
  accountId: "111122223333",
  key: "arn:aws:iam::111122223333:role/drawbridge/x/api",
};

/** Every code that the sandbox's operations throw, from their source, and those of each protocol. */
function codesOfSandbox(): string[] {
  const files = readdirSync(sandbox, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !/seed|control|pod\//.test(file),
  );
  const thrown = files.flatMap((file) => {
    const source = readFileSync(new URL(file, sandbox), "utf8");
    return [
      ...source.matchAll(
        /(?:new AwsError\(|code: |Code: |principal: |malformed: |grammar: )\s*\[?"([A-Z][\w.]+)"/g,
      ),
    ].map(([, code = ""]) => code);
  });
  const common = [...services.values()].flatMap(({ codes }) => Object.values(codes).map(([code]) => code));
  return [...new Set([...thrown, ...common])].sort();
}

const codes = codesOfSandbox();

/** As the SDK throws it, without a status: the code alone has to say what it is. */
const thrown = (code: string, message = "Some words of AWS.") =>
  classify(Object.assign(new Error(message), { name: code, $metadata: { requestId: "r-1" } }));

it("the sandbox's codes are found", () => {
  expect(codes.length).toBeGreaterThan(45);
  for (const code of ["NoSuchEntity", "SlowDown", "InvalidInput", "OverLimit", "UnrecognizedClientException"])
    expect(codes).toContain(code);
});

describe("an error that AWS can answer", () => {
  it.each(codes)("%s is known, and has a cause and a next step", (code) => {
    const error = thrown(code);
    expect(error.kind).not.toBe("unknown");
    for (const kind of ["role", "oidc-provider", "resource-policy-statements", "account"]) {
      const { cause, nextStep } = explain(error, { ...role, kind });
      for (const text of [cause, nextStep]) {
        expect(text.length).toBeGreaterThan(20);
        expect(text).not.toMatch(/undefined|null|\[object/);
        expect(text).toMatch(/^[A-Z].*[.)]$/s);
      }
    }
  });
});

describe("each kind of error", () => {
  it.each(errorKinds)("%s has an explanation of its own, whatever its code", (kind) => {
    const error: ClassifiedError = { kind, code: "ACodeOfTomorrow", message: "Some words of AWS." };
    const { cause, nextStep } = explain(error, role);
    expect(cause.length).toBeGreaterThan(20);
    expect(nextStep.length).toBeGreaterThan(20);
    const others = errorKinds
      .filter((one) => one !== kind)
      .map((one) => explain({ ...error, kind: one }, role).cause);
    expect(others).not.toContain(cause);
  });
});

describe("an account that can't be entered", () => {
  const error = thrown("AccessDenied", "User x is not authorized to perform: sts:AssumeRole on resource: y");

  it.each([
    [role, "to get at the role api in account 111122223333: User x"],
    [{ ...role, kind: "account" }, "in account 111122223333: User x"],
  ])("is named with what was to be done there: %o", (subject, words) => {
    expect(explain(error, subject).cause).toContain(`may not assume its provisioner role ${words}`);
  });
});

describe("a call that a policy forbids", () => {
  const denied = (denier: string) =>
    explain(
      thrown("AccessDenied", `User: x is not authorized to perform: iam:DeleteRolePolicy with ${denier}`),
      role,
    );

  // IAM User Guide, "Troubleshoot access denied error messages": AWS names the type of policy that denies.
  it("is put down to the provisioner's own, of an older template, where AWS says that it is one of the caller's", () => {
    const { cause, nextStep } = denied("an explicit deny in an identity-based policy");
    expect(cause).toMatch(/provisioner role's own policy.*only under the permissions boundary/);
    expect(nextStep).toMatch(/deploy the onboarding template again in account 111122223333/);
    expect(cause + nextStep).not.toMatch(/organisation|SCP/);
  });

  it.each(["an explicit deny in a service control policy", "an explicit deny in a resource control policy"])(
    "is put down to the organisation where AWS says so: %s",
    (denier) => {
      expect(denied(denier).cause).toMatch(/^A policy of the organisation or account/);
    },
  );
});

describe("a call that another policy than the template's stands in the way of", () => {
  // IAM User Guide, "Troubleshoot access denied error messages": "because no … policy allows", "with an explicit deny in a …".
  it.each([
    ["because no VPC endpoint policy allows the s3:PutBucketPolicy action", /VPC endpoint.*network/s],
    ["with an explicit deny in a VPC endpoint policy", /VPC endpoint.*network/s],
    [
      "because no permissions boundary allows the s3:PutBucketPolicy action",
      /permissions boundary.*message names/s,
    ],
    ["with an explicit deny in a permissions boundary", /permissions boundary.*message names/s],
  ])("is not mended by deploying the template again: %s", (words, expected) => {
    const message = `User: x is not authorized to perform: s3:PutBucketPolicy on resource: y ${words}`;
    const { cause, nextStep } = explain(thrown("AccessDenied", message), role);
    expect(`${cause} ${nextStep}`).toMatch(expected);
    expect(nextStep).not.toMatch(/[Rr]edeploy|SCP/);
  });
});

describe("a trust policy that EKS does not accept", () => {
  it.each(["present", "absent", undefined] as const)(
    "is not put down to a role that is not there: %s",
    (named) => {
      const error = thrown("InvalidParameterException", "Trust policy of the role provided is invalid");
      const { cause, nextStep } = explain({ ...error, ...(named ? { named } : {}) }, role);
      expect(cause).toMatch(/trust policy.*not yet seen by EKS/);
      expect(nextStep).toMatch(/pods\.eks\.amazonaws\.com/);
    },
  );
});

describe("a limit that AWS does not raise", () => {
  // IAM, SQS and EKS quotas: none of these can be adjusted in Service Quotas.
  it.each([
    ["LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role api", /no longer needs/],
    ["OverLimit", "20 statements at most", /shorten the policy/],
    ["ResourceLimitExceededException", "The cluster has 1000 associations", /associations that nobody uses/],
  ])("is not to be asked for: %s (%s)", (code, message, words) => {
    const error = thrown(code, message);
    expect(error.kind).toBe("quota");
    const { nextStep } = explain(error, role);
    expect(nextStep).not.toMatch(/Service Quotas/);
    expect(nextStep).toMatch(words);
  });

  // Its policy is as long in a request for one bucket as in one for twenty.
  it("is not put down to the request where a session is too large", () => {
    const { cause, nextStep } = explain(
      thrown("PackedPolicyTooLargeException", "Packed size of session tags consumes 101% of allotted space."),
      role,
    );
    expect(cause).toContain("101%");
    expect(nextStep).not.toMatch(/request/);
    expect(nextStep).toMatch(/session tags/);
  });
});

describe("a bucket in another Region", () => {
  // HeadBucket's 301 has no body: the SDK knows no name for it, and its status alone is left.
  it.each(["UnknownError", "PermanentRedirect"])("is told from an error that nobody knows: %s", (name) => {
    const error = classify(Object.assign(new Error("m"), { name, $metadata: { httpStatusCode: 301 } }));
    expect(error.kind).toBe("invalid");
    expect(explain(error, role).cause).toMatch(/another Region/);
  });
});

describe("a boundary that is not there", () => {
  it("is to be made again, and not what it was to limit", () => {
    const message = "Scope ARN: arn:aws:iam::1:policy/b does not exist or is not attachable.";
    const { cause, nextStep } = explain(thrown("NoSuchEntity", message), role);
    expect(cause).toMatch(/permissions boundary is not there/);
    expect(nextStep).toMatch(/onboarding template/);
  });
});

describe("a principal that AWS does not know", () => {
  const message = 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/src"';
  const causeAfter = (seconds: number) =>
    explain(classify(new NotVisibleError(message, seconds * 1_000)), role).cause;

  // Reports of IAM's delay reach from under a second to about 40; Terraform's provider waits 2 minutes.
  it("is likelier not yet visible within two minutes", () => {
    expect(causeAfter(30)).toMatch(/not yet visible.*likelier|likelier.*not yet visible/);
    expect(causeAfter(30)).toContain("30 s");
  });

  it("is likelier not there after that", () => {
    expect(causeAfter(300)).toMatch(/does not exist/);
    expect(causeAfter(300)).toMatch(/likelier/);
    expect(causeAfter(300)).toContain("5 min");
  });

  it.each([
    ["present", /IAM shows.*not yet visible there is likelier/],
    ["absent", /IAM does not show either.*does not exist.*likelier/],
  ] as const)("is what IAM says where somebody looked there: %s", (named, words) => {
    const error = { ...classify(new NotVisibleError(message, 300_000)), named };
    expect(explain(error, role).cause).toMatch(words);
    expect(explain(error, role).cause).toContain("5 min");
  });

  it("may be either when nobody has waited", () => {
    expect(explain(thrown("MalformedPolicyDocument", message), role).cause).toMatch(
      /not yet visible.*misspelt/,
    );
  });
});
