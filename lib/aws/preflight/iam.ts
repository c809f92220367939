import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { rolePolicyKey } from "#lib/model/resource-key.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { about, each, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { checkInline, checkQuotas } from "./quotas.ts";

/** Roles, their inline policies, providers and the quotas of the account. */
export async function checkIam(context: PreflightContext): Promise<PreflightFinding[]> {
  const findings = await Promise.all([
    each(ofKind(context.resources, "role"), (role) =>
      orUnknown(context, role, "whether the role's name is free", async () =>
        roleFindings(context, role, await context.look(role)),
      ),
    ),
    checkProviders(context),
    checkQuotas(context),
    checkInline(context),
  ]);
  return findings.flat();
}

/** The providers that roles here trust. */
export function checkProviders(context: PreflightContext): Promise<PreflightFinding[]> {
  return each(ofKind(context.resources, "oidc-provider"), (provider) =>
    orUnknown(context, provider, "the OIDC provider", async () =>
      providerFindings(provider, await context.look(provider)),
    ),
  );
}

/** A trust that differs is no finding: the plan writes it anew before it gives the role anything. */
function roleFindings(
  { known }: PreflightContext,
  role: CloudResource<"role">,
  observed: Observed<"role">,
): PreflightFinding[] {
  if (observed.conflict) return [foreignRole(role, observed.conflict)];
  if (observed.state === "absent") return [];
  const { inline = [], attached = [] } = observed.policies ?? {};
  const ours = new Set(known.map(({ key }) => key));
  const foreign = inline.filter(
    (name) => name !== revokedSessionsPolicyName && !ours.has(rolePolicyKey(role.key, name)),
  );
  const found = [...foreign, ...attached];
  return found.length > 0 ? [foreignPolicies(role, found)] : [];
}

function foreignPolicies(role: CloudResource<"role">, names: readonly string[]): PreflightFinding {
  return about(role, {
    id: "role.foreign-policies",
    severity: "error",
    title: "Somebody has given the role more than was approved",
    detail: `The role ${role.body.name} has policies that no approval covers: ${names.join(", ")}. The workload would have what they allow.`,
    nextStep:
      "Ask the account's owner to remove them, or repair the workload's other access from its page. What is left of access that was given up goes when that is revoked once more. Then retry.",
  });
}

function foreignRole(role: CloudResource<"role">, conflict: string): PreflightFinding {
  return about(role, {
    id: "role.foreign",
    severity: "error",
    title: "A role of that name belongs to somebody else",
    detail: `${conflict} Role names are unique in an account, whatever their path.`,
    nextStep: "Ask the account's owner to rename or remove it; Drawbridge will not touch it.",
  });
}

export function providerFindings(
  provider: CloudResource<"oidc-provider">,
  observed: Observed<"oidc-provider">,
): PreflightFinding[] {
  if (observed.conflict) {
    return [
      about(provider, {
        id: "provider.audience-missing",
        severity: "error",
        title: "The cluster's OIDC provider lacks our audience",
        detail: observed.conflict,
        nextStep: `Ask its owner for: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${provider.key} --client-id ${provider.body.clientIds.join(" ")}`,
      }),
    ];
  }
  if (observed.state === "absent") {
    return [
      about(provider, {
        id: "provider.new",
        severity: "info",
        title: "The account will start to trust the cluster's tokens",
        detail: `An OIDC provider for ${provider.body.issuer} will be made.`,
        nextStep: "Nothing to do.",
      }),
    ];
  }
  const excess = observed.body.clientIds.filter((id) => !provider.body.clientIds.includes(id));
  if (observed.ours && excess.length > 0) {
    return [
      about(provider, {
        id: "provider.wider",
        severity: "error",
        title: "The OIDC provider accepts more audiences than were approved",
        detail: `Somebody has added ${excess.join(", ")} to the provider that Drawbridge made for ${provider.body.issuer}.`,
        nextStep: `Ask the account's owner for: aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn ${provider.key} --client-id ${excess[0]}`,
      }),
    ];
  }
  if (observed.ours) return [];
  // Somebody else's may have audiences of its own: the trust policies of our roles name ours.
  return [
    about(provider, {
      id: "provider.foreign",
      severity: "info",
      title: "The OIDC provider belongs to somebody else",
      detail: "It accepts our audience, so it is used as it is, and it stays when the grant goes.",
      nextStep: "Nothing to do.",
    }),
  ];
}
