import { findAssociation } from "../controllers/pod-identity-association.ts";
import { isKind } from "../errors.ts";
import { about, each, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** Service accounts that are bound already, by somebody else or an add-on. */
export function checkAssociations(context: PreflightContext): Promise<PreflightFinding[]> {
  const associations = ofKind(context.resources, "pod-identity-association");
  if (associations.length === 0) return checkUnbound(context);
  return each(associations, (association) =>
    orUnknown(context, association, "the service account's Pod Identity association", async () => {
      const { conflict } = await context.look(association);
      if (!conflict) return [];
      return [
        about(association, {
          id: "association.foreign",
          severity: "error",
          title: "The service account can't be given its Pod Identity association",
          detail: conflict,
          nextStep: "Ask the cluster's owner to remove or mend it, or choose another service account.",
        }),
      ];
    }),
  );
}

/**
 * A service account that is to become a role by its annotation must have no association: pods get the association's
 * role, whatever the annotation says.
 *
 * Source: aws/amazon-eks-pod-identity-webhook, which looks for an association first.
 */
async function checkUnbound(context: PreflightContext): Promise<PreflightFinding[]> {
  const { accountId, clients, workload } = context;
  const { cluster, namespace, serviceAccount } = workload;
  if (cluster.accountId !== accountId) return [];
  const whose = `${namespace}/${serviceAccount} on ${cluster.name}`;
  const subject = { kind: "cluster", accountId, key: `service account ${whose}` };
  const asked = { clusterName: cluster.name, namespace, serviceAccount };
  return orUnknown(
    context,
    subject,
    "whether the service account has a Pod Identity association",
    async () => {
      const found = await findAssociation(clients.eks(cluster.region), asked).catch((error: unknown) => {
        // A cluster that is gone has none: that is for others to say.
        if (isKind(error, "not-found")) return undefined;
        throw error;
      });
      if (!found) return [];
      return [
        about(subject, {
          id: "association.in-the-way",
          severity: "error",
          title: "A Pod Identity association gives the service account another role",
          detail: `${whose} is bound to ${found.roleArn}${found.ownerArn ? ` by the add-on ${found.ownerArn}` : ""}. Its pods become that role, and the annotation that this access rests on is ignored.`,
          nextStep:
            "Ask the cluster's owner to remove the association, choose another service account, or ask for access by Pod Identity.",
        }),
      ];
    },
  );
}
