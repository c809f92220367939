import { about, each, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** Service accounts that are bound already, by somebody else or an add-on. */
export function checkAssociations(context: PreflightContext): Promise<PreflightFinding[]> {
  return each(ofKind(context.resources, "pod-identity-association"), (association) =>
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
