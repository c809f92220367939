import { grantPolicy } from "../context.ts";
import { identityKind } from "../identities.ts";
import { identityStatements } from "../statements.ts";
import { needsKeyInTargetAccount, needsPodIdentityAgent } from "./objections.ts";
import type { AccessPattern } from "./pattern.ts";

/** An EKS Pod Identity association, with a target role where the target is in another account. Source: §1 (e). */
export const podIdentity: AccessPattern = {
  id: "pod-identity",
  title: "EKS Pod Identity",
  summary: "An association on the cluster; a target role where the target is in another account",
  identities: (subject) => [
    subject.sameAccount
      ? { kind: "pod-identity", accountId: null }
      : { kind: "pod-identity-target", accountId: subject.away.id },
  ],
  objections: (subject) => [...needsPodIdentityAgent(subject), ...needsKeyInTargetAccount(subject)],
  facts: (subject) => [
    { label: "The pod needs", value: "nothing: no annotation, a restart only", tone: "good" },
    { label: "Nodes", value: "Linux on EC2 only; not Fargate or Windows", tone: "neutral" },
    subject.sameAccount
      ? { label: "Other accounts later", value: "yes, by chaining or resource policies", tone: "good" }
      : {
          label: "Other accounts later",
          value: `no: this service account can only reach account ${subject.away.id}`,
          tone: "bad",
        },
    {
      label: "Changes reach running pods",
      value: subject.sameAccount ? "within 6 h, or at a restart" : "within 1 h, or at a restart",
      tone: "neutral",
    },
  ],
  attach: (grant, context) => [
    grantPolicy(context, identityKind(context).role(context), grant, identityStatements(grant, context)),
  ],
  profile: () => null,
};
