import type {
  CheckNoNewAccessResponse,
  ValidatePolicyFinding,
  ValidatePolicyFindingType,
} from "@aws-sdk/client-accessanalyzer";
import type { AccountId } from "#lib/model/arn.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { sameStatement } from "#lib/policy/canonical.ts";
import { classify } from "../errors.ts";
import { type AnalyzedPolicy, isOwn } from "./analyzer-policies.ts";
import { about, type PreflightFinding } from "./finding.ts";

/** Its grades are those of our own findings. */
const grades: Record<ValidatePolicyFindingType, Pick<PreflightFinding, "id" | "severity">> = {
  ERROR: { id: "access-analyzer.error", severity: "error" },
  SECURITY_WARNING: { id: "access-analyzer.security-warning", severity: "warning" },
  WARNING: { id: "access-analyzer.warning", severity: "warning" },
  SUGGESTION: { id: "access-analyzer.suggestion", severity: "info" },
};

/**
 * What ValidatePolicy finds, as findings. What is about statements of others alone was there before and can't be mended
 * by this request: the rules are named together, without Access Analyzer's words, which may quote them.
 */
export function validationFindings(
  policy: AnalyzedPolicy,
  found: readonly ValidatePolicyFinding[],
): PreflightFinding[] {
  const foreign = new Set<string>();
  const ours = found.flatMap((finding) => {
    const indices = statementsIn(finding);
    if (indices.length > 0 && !indices.some((index) => isOwn(policy, index))) {
      foreign.add(inWords(finding.issueCode));
      return [];
    }
    return [validationFinding(policy, finding, indices)];
  });
  if (foreign.size === 0) return ours;
  return [
    ...ours,
    about(policy.resource, {
      id: "access-analyzer.foreign",
      severity: "info",
      title: "Access Analyzer finds something in statements of others",
      detail: `In the ${policy.title}, in statements that are not part of this request: ${[...foreign].join(", ")}.`,
      nextStep: "Nothing to do.",
    }),
  ];
}

function validationFinding(
  policy: AnalyzedPolicy,
  { findingType = "WARNING", issueCode, findingDetails, learnMoreLink }: ValidatePolicyFinding,
  indices: readonly number[],
): PreflightFinding {
  // Without a place it may be about any statement.
  const places = indices.length > 0 ? indices : statementsOf(policy.after).map((_, index) => index);
  const quotable = places.every((index) => isOwn(policy, index));
  const names = indices.filter((index) => isOwn(policy, index)).map((index) => nameOf(policy, index));
  const where = [`In the ${policy.title}`, ...names].join(", ");
  return about(policy.resource, {
    ...(grades[findingType] ?? grades.WARNING),
    title: `Access Analyzer: ${inWords(issueCode)}`,
    detail: quotable
      ? `${where}: ${findingDetails ?? "Access Analyzer gives no details."}`
      : `${where}; statements of others have a part in it.`,
    nextStep: learnMoreLink
      ? `See AWS's page on this rule: ${learnMoreLink}`
      : "Look the rule up in AWS's reference of policy checks.",
  });
}

/** Which statements a finding is about; none when it is about the document. */
function statementsIn({ locations = [] }: ValidatePolicyFinding): number[] {
  const indices = locations.flatMap(({ path = [] }) => {
    const at = path.findIndex((element) => "value" in element && element.value === "Statement");
    // A document's only statement may stand without a list around it.
    return at < 0 ? [] : [path[at + 1]?.index ?? 0];
  });
  return [...new Set(indices)];
}

function nameOf({ after }: AnalyzedPolicy, index: number): string {
  return statementsOf(after)[index]?.Sid ?? `statement ${index + 1}`;
}

/** `PASS_ROLE_WITH_STAR_IN_RESOURCE` → `pass role with star in resource`. */
function inWords(issueCode = "unnamed"): string {
  return issueCode.toLowerCase().replaceAll("_", " ");
}

/** What CheckNoNewAccess says of a change. That a grant gives new access is no surprise; that it gives none would be. */
export function accessFindings(
  policy: AnalyzedPolicy,
  { result, message, reasons = [] }: CheckNoNewAccessResponse,
): PreflightFinding[] {
  if (result === "FAIL") {
    const told = reasons
      .filter(({ statementIndex, statementId }) =>
        statementIndex === undefined
          ? policy.own === null || policy.own.has(statementId ?? "")
          : isOwn(policy, statementIndex),
      )
      .flatMap(({ description }) => (description ? [description.replace(/\.$/, "")] : []));
    const why = told.length > 0 ? told.join("; ") : (message ?? "it gives no reason").replace(/\.$/, "");
    return [
      about(policy.resource, {
        id: "access-analyzer.new-access",
        severity: "info",
        title: "Access Analyzer: new access, as asked for",
        detail: `Access Analyzer confirms that this ${policy.title} gives new access: ${why}.`,
        nextStep: "Nothing to do.",
      }),
    ];
  }
  if (result !== "PASS" || !adds(policy)) return [];
  return [
    about(policy.resource, {
      id: "access-analyzer.no-new-access",
      severity: "info",
      title: "Access Analyzer sees no new access",
      detail: `The plan writes statements that allow something, but by Access Analyzer the ${policy.title} allowed all of it before.`,
      nextStep: "Find out which statement gives the access already: it will stay when this grant goes.",
    }),
  ];
}

/** Whether the change brings an Allow that was not there in these words. */
function adds({ before, after }: AnalyzedPolicy): boolean {
  const had = before ? statementsOf(before) : [];
  return statementsOf(after).some(
    (statement) => statement.Effect === "Allow" && !had.some((one) => sameStatement(one, statement)),
  );
}

/** One finding for all that has no answer: the first reason, and how many questions it is about. */
export function unavailable(
  accountId: AccountId,
  failures: readonly unknown[],
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): PreflightFinding {
  const late = failures.includes(signal.reason);
  const { cause, nextStep } = late
    ? { cause: `It did not answer within ${withinMs / 1_000} s.`, nextStep: askAgain }
    : reasonOf(failures[0], accountId);
  const open =
    failures.length === 1 ? "One question has no answer." : `${failures.length} questions have no answer.`;
  return {
    id: "access-analyzer.unavailable",
    severity: "info",
    accountId,
    title: "Access Analyzer could not be asked",
    detail: `${cause} ${open} Drawbridge's own checks were made without it.`,
    nextStep,
  };
}

const askAgain = "Submit a new version of the request if you want it asked again.";

function reasonOf(error: unknown, accountId: AccountId): { cause: string; nextStep: string } {
  const { kind, code, message } = classify(error);
  switch (kind) {
    case "access-denied":
      return code === "AccessDenied"
        ? {
            cause: `The provisioner role may not ask it: ${message}.`.replace("..", "."),
            nextStep: `Deploy the onboarding template in account ${accountId} again; if the message names a policy of the organisation, ask its owner.`,
          }
        : {
            cause: `AWS does not accept the session there (${code}): the Region may not be enabled in the account.`,
            nextStep: `Have the Region enabled in account ${accountId}, or leave it: it is not needed.`,
          };
    case "throttled":
      return {
        cause: `AWS refuses calls for a while, because too many come in (${code}).`,
        nextStep: askAgain,
      };
    case "transient":
      return {
        cause: `It can't be reached or has an outage (${code}), or the Region does not have it.`,
        nextStep: `${askAgain} If it lasts, look at the AWS Health Dashboard and the worker's network.`,
      };
    default:
      return { cause: `It does not take the question (${code}): ${message}`, nextStep: askAgain };
  }
}
