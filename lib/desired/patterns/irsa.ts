import { grantPolicy } from "../context.ts";
import { identityKind } from "../identities.ts";
import { identityStatements } from "../statements.ts";
import { needsKeyInTargetAccount, needsSameAccount } from "./objections.ts";
import type { AccessPattern } from "./pattern.ts";

/** IAM roles for service accounts, all in the cluster's account. Source: domain reference §1 (a). */
export const irsa: AccessPattern = {
  id: "irsa",
  title: "IRSA in one account",
  summary: "A role in the cluster's account, trusted through its OIDC provider",
  identities: (subject) => (subject.sameAccount ? [{ kind: "home-role", accountId: null }] : []),
  objections: (subject) => [...needsSameAccount(subject), ...needsKeyInTargetAccount(subject)],
  facts: () => [
    { label: "The pod needs", value: "an annotation on its service account", tone: "good" },
    { label: "Session", value: "1 h, renewed by the SDK", tone: "neutral" },
    { label: "Other accounts later", value: "yes, by chaining or resource policies", tone: "good" },
  ],
  attach: (grant, context) => [
    grantPolicy(context, identityKind(context).role(context), grant, identityStatements(grant, context)),
  ],
  profile: () => null,
};
