import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import { about, ofKind, type PreflightContext, type PreflightFinding } from "./finding.ts";
import type { CheckedTarget } from "./targets.ts";

/**
 * The key behind the target, as it is now: the plan was made from what the inventory saw. A role of another account
 * can never use an AWS managed key, and a customer managed one only where its owner lets it.
 *
 * Source: KMS Developer Guide, "AWS managed keys" and "Allowing users in other accounts to use a KMS key".
 *
 * @param encryption the key's ARN, `aws-managed`, or null for a service's own encryption
 */
export function keyFindings(
  context: PreflightContext,
  target: CheckedTarget,
  encryption: string | null,
): PreflightFinding[] {
  if (encryption === null) return [];
  const crossesAccounts = target.statements.length > 0;
  if (encryption === "aws-managed") return crossesAccounts ? [notShared(target)] : [];
  if (!opens(context, encryption)) {
    return [
      about(target, {
        id: "key.not-opened",
        severity: "error",
        title: "The key that encrypts the resource is not part of the plan",
        detail: `${target.arn} is encrypted with ${encryption}, and no permission in the plan opens it.`,
        nextStep:
          "Sync the account's inventory, then submit the request again with a role in the target account (auto does).",
      }),
    ];
  }
  return [
    about(target, {
      id: "key.customer-managed",
      severity: "warning",
      title: "A customer managed key encrypts the resource",
      detail: `The plan lets the role use ${encryption}; the key's own policy must leave that to IAM.`,
      nextStep: "Make sure with the key's owner that its policy has the statement for the account's root.",
    }),
  ];
}

/** Whether some role of the plan may use the key. */
function opens({ plan }: PreflightContext, keyArn: string): boolean {
  return ofKind(plan, "role-policy").some(({ body }) =>
    statementsOf(body.document).some(
      ({ Action, Resource }) =>
        listOf(Action).some((action) => action.startsWith("kms:")) && listOf(Resource).includes(keyArn),
    ),
  );
}

function notShared(target: CheckedTarget): PreflightFinding {
  return about(target, {
    id: "key.aws-managed",
    severity: "error",
    title: "The encryption key can't be shared",
    detail: "The default key is AWS managed; no role of another account can use it.",
    nextStep:
      "Choose a role in the target account (auto does), or ask the owner to encrypt with a customer managed key.",
  });
}
