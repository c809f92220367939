import { grantPolicy } from "../context.ts";
import { identityKind } from "../identities.ts";
import { identityStatements } from "../statements.ts";
import { needsKeyInTargetAccount, needsOtherAccount } from "./objections.ts";
import type { AccessPattern } from "./pattern.ts";

/** The target's account trusts the cluster's tokens itself; the cluster's account is not written to. Source: §1 (b). */
export const oidcFederation: AccessPattern = {
  id: "oidc-federation",
  title: "OIDC federation",
  summary: "An OIDC provider and a role in the target's account; one hop, no chaining",
  identities: (subject) => (subject.sameAccount ? [] : [{ kind: "away-role", accountId: subject.away.id }]),
  objections: (subject) => [...needsOtherAccount(subject), ...needsKeyInTargetAccount(subject)],
  facts: (subject) => [
    { label: "The pod needs", value: "an annotation on its service account", tone: "good" },
    { label: "Session", value: "1 h, renewed by the SDK", tone: "neutral" },
    {
      label: "Other accounts later",
      value: `no: this service account can only reach account ${subject.away.id}`,
      tone: "bad",
    },
    { label: "New trust", value: `account ${subject.away.id} trusts the cluster's issuer`, tone: "neutral" },
  ],
  attach: (grant, context) => [
    grantPolicy(context, identityKind(context).role(context), grant, identityStatements(grant, context)),
  ],
  profile: () => null,
};
