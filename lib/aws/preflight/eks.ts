import { controllers } from "../controllers.ts";
import { createWait } from "../wait.ts";
import { about, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

const wait = createWait({ deadlineMs: 0 });

/** Service accounts that are bound already, by somebody else or an add-on. */
export async function checkAssociations(context: PreflightContext): Promise<PreflightFinding[]> {
  const ctx = { clients: context.clients, installation: context.installation, wait };
  const findings: PreflightFinding[] = [];
  for (const association of ofKind(context.resources, "pod-identity-association")) {
    const check = async () => {
      const { conflict } = await controllers["pod-identity-association"].observe(ctx, association);
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
    };
    findings.push(...(await orUnknown(association, "the service account's Pod Identity association", check)));
  }
  return findings;
}
