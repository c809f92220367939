import { actionFits } from "../../elements.ts";
import { foldCase, hasWildcard } from "../../glob.ts";
import { type CheckContext, type CheckedStatement, demands, demandsKey, limitOf } from "../context.ts";
import { emptyLimit } from "../limits.ts";
import type { PrincipalItem } from "../view.ts";
import { accountOf } from "./principals.ts";

/** The tags that EKS puts on sessions of EKS Pod Identity and that tell which workload it is. */
const workloadTags = [
  "aws:requesttag/eks-cluster-arn",
  "aws:requesttag/kubernetes-namespace",
  "aws:requesttag/kubernetes-service-account",
];
const podService = /^pods\.eks\.amazonaws\.com(\.cn)?$/;

/** Whether one of the statement's actions covers the action. */
export function covers(statement: CheckedStatement, action: string): boolean {
  return (
    statement.actionElement === "Action" &&
    statement.actions.some(({ text }) => actionFits(text, action) === "match")
  );
}

/** Trust between roles, services and SAML providers. OIDC providers have rules of their own. */
export function checkTrust(context: CheckContext): void {
  if (context.kind !== "trust") return;
  const allows = context.statements.filter(({ effect }) => effect === "Allow");
  for (const statement of allows) {
    for (const principal of statement.principals) {
      checkAction(principal, statement, context);
      checkSaml(principal, statement, context);
    }
    checkAcrossAccounts(statement, context);
    checkTags(statement, context);
    checkPods(statement, allows, context);
  }
}

type Way = "sts:AssumeRole" | "sts:AssumeRoleWithWebIdentity" | "sts:AssumeRoleWithSAML";
const ways: readonly Way[] = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/** How a principal assumes a role; undefined when its form does not say. */
function wayOf({ type, text }: PrincipalItem): Way | undefined {
  if (type === "AWS" || type === "Service") return "sts:AssumeRole";
  if (type !== "Federated") return undefined;
  return text.includes(":saml-provider/") ? "sts:AssumeRoleWithSAML" : "sts:AssumeRoleWithWebIdentity";
}

function checkAction(principal: PrincipalItem, statement: CheckedStatement, { report }: CheckContext): void {
  const way = wayOf(principal);
  if (way === undefined || statement.actionElement !== "Action") return;
  for (const { text, path } of statement.actions) {
    const wrong = ways.find((one) => foldCase(one) === foldCase(text) && one !== way);
    if (wrong !== undefined) {
      report(
        "trust.wrong-action",
        path,
        `${JSON.stringify(principal.text)} assumes roles with ${way}, not with ${wrong}.`,
      );
    }
  }
}

function checkSaml(
  { type, text, path }: PrincipalItem,
  statement: CheckedStatement,
  { report }: CheckContext,
): void {
  if (type !== "Federated" || !text.includes(":saml-provider/")) return;
  if (covers(statement, "sts:AssumeRoleWithSAML") && !demandsKey(statement.conditions, ["saml:aud"])) {
    report("trust.saml-missing-aud", path, "No condition on saml:aud.");
  }
}

function checkAcrossAccounts(statement: CheckedStatement, { accountId, report }: CheckContext): void {
  if (accountId === undefined || !covers(statement, "sts:AssumeRole")) return;
  // Within the organisation nobody acts for strangers.
  if (demandsKey(statement.conditions, ["sts:externalid", "aws:principalorg"])) return;
  // Tags that EKS puts on the session say for which workload it acts, which is what an ExternalId is for.
  if (workloadTags.every((tag) => demandsKey(statement.conditions, [tag]))) return;
  for (const { type, text, path } of statement.principals) {
    const account = type === "AWS" ? accountOf(text) : undefined;
    if (account === undefined || account === accountId) continue;
    report(
      "trust.missing-external-id",
      path,
      `Account ${account} is let into ${accountId} without an ExternalId.`,
    );
  }
}

function checkTags(statement: CheckedStatement, { report }: CheckContext): void {
  const tagging = statement.actions.find(({ text }) => actionFits(text, "sts:TagSession") === "match");
  if (tagging === undefined || statement.actionElement !== "Action") return;
  if (demandsKey(statement.conditions, ["sts:externalid"])) {
    report(
      "trust.external-id-with-tag-session",
      tagging.path,
      "sts:TagSession never carries sts:ExternalId.",
    );
  }
  const callers = statement.principals.filter(({ type }) => type !== "Service");
  const limited = statement.conditions.some(
    (one) =>
      (one.folded.startsWith("aws:requesttag/") || one.folded === "aws:tagkeys") &&
      emptyLimit(limitOf(one)) === undefined,
  );
  if (callers.length > 0 && !limited) {
    report("trust.free-tags", tagging.path, "The caller may put any tags on its session.");
  }
}

function checkPods(
  statement: CheckedStatement,
  allows: readonly CheckedStatement[],
  { report }: CheckContext,
): void {
  const pods = statement.principals.find(({ type, text }) => type === "Service" && podService.test(text));
  if (pods === undefined) return;
  const missing = workloadTags.filter((tag) => !demandsKey(statement.conditions, [tag]));
  if (covers(statement, "sts:AssumeRole") && missing.length > 0) {
    const names = missing.map((tag) => tag.slice("aws:requesttag/".length)).join(", ");
    report("trust.pods-unlimited", pods.path, `No condition on the tags ${names}.`);
  }
  for (const condition of demands(statement.conditions)) {
    if (!workloadTags.includes(condition.folded) || condition.parsed?.name !== "StringLike") continue;
    const pattern = condition.values.find(({ text }) => hasWildcard(text.replace(/\$\{[^{}]*\}/g, "")));
    if (pattern === undefined) continue;
    const detail = `${condition.key} is compared with ${JSON.stringify(pattern.text)}.`;
    report("trust.pods-pattern", pattern.path, detail);
  }
  const tagged = allows.some(
    (one) =>
      covers(one, "sts:TagSession") &&
      one.principals.some(({ type, text }) => type === "Service" && podService.test(text)),
  );
  if (!tagged)
    report("trust.pods-without-tags", pods.path, "pods.eks.amazonaws.com is not allowed sts:TagSession.");
}
