import { describe, expect, it } from "vitest";
import { checkPolicy } from "../findings/check-policy.ts";
import { checkServiceAccount } from "../findings/check-service-account.ts";
import { awsMetadata } from "../metadata/aws.ts";
import { answer } from "./answer.ts";
import { guideExamples } from "./guide-examples.ts";
import { mistakeExamples } from "./mistake-examples.ts";
import { looksLikeServiceAccount, playgroundSchema } from "./state.ts";

/** What there is to see in each example: the findings that it is about, and the decision. */
const seen: Record<string, [findings: string[], effect: string | null]> = {
  "guide-moj": [["json.trailing-comma", "principal.account-digits"], "implicit-deny"],
  "guide-teracloud": [["condition.malformed-key", "principal.malformed"], "implicit-deny"],
  "guide-aws-source": [["trust.missing-sub", "grammar.placeholder"], null],
  "guide-aws-source-permissions": [["grammar.placeholder"], "implicit-deny"],
  "guide-aws-target": [["grammar.placeholder", "grammar.empty-condition"], "implicit-deny"],
  "guide-kuberocket": [["trust.missing-aud", "grammar.placeholder"], "implicit-deny"],
  "guide-teracloud-account": [
    ["service-account.yaml", "service-account.annotations", "service-account.role-arn-account"],
    null,
  ],
  "guide-aws-account": [["service-account.yaml", "service-account.role-arn-prefix"], null],
  "guide-kuberocket-account": [["service-account.no-metadata", "grammar.placeholder"], null],
  "guide-eksctl": [["resource.any-written"], "allow"],
  "mistake-equals": [["trust.wildcard-under-equals"], "implicit-deny"],
  "mistake-twice": [["json.duplicate-key"], "unknown"],
  "mistake-like": [["trust.sub-any"], "allow"],
  "mistake-for-all": [["condition.for-all-values-of-one"], "allow"],
  "mistake-public": [["principal.everyone", "condition.negated-allow"], "allow"],
  "mistake-pass-role": [["escalation.pass-role-and-run"], "allow"],
  "mistake-deputy": [["principal.service-for-anyone"], "allow"],
};

describe("each example shows what it says", () => {
  it.each([...guideExamples, ...mistakeExamples])("$id", ({ id, state }) => {
    expect(playgroundSchema.parse(state)).toEqual(state);
    const [findings, effect] = seen[id] ?? [[], ""];
    const found = state.documents.flatMap(({ kind, text }) =>
      (kind === "service-account"
        ? checkServiceAccount(text)
        : checkPolicy(text, { kind, metadata: awsMetadata })
      ).map((finding) => finding.id),
    );
    expect(found).toEqual(expect.arrayContaining(findings));
    const decided = answer(state.documents, state.question, "2026-06-01T12:00:00Z");
    expect(decided.ok ? decided.decision.effect : null).toBe(effect);
  });
});

describe("what is pasted into an empty document", () => {
  it.each(
    [...guideExamples, ...mistakeExamples].flatMap(({ id, state }) =>
      state.documents.map((one) => ({ id, ...one })),
    ),
  )("of $id is told for what it is", ({ kind, text }) => {
    expect(looksLikeServiceAccount(text)).toBe(kind === "service-account");
  });
  it("is no manifest for naming one", () => {
    expect(looksLikeServiceAccount('{ "Sid": "kind: ServiceAccount" }')).toBe(false);
    expect(looksLikeServiceAccount("kind: ServiceAccountList")).toBe(false);
  });
});
