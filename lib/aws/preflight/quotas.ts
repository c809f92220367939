import {
  GetAccountSummaryCommand,
  GetRolePolicyCommand,
  ListOpenIDConnectProvidersCommand,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { about, each, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** Defaults where GetAccountSummary says nothing. Source: IAM User Guide, "IAM and STS quotas". */
const defaultTrustSize = 2_048;
const defaultProviders = 100;
/** Sum of a role's inline policies, white space not counted; fixed. */
const inlineLimit = 10_240;
/** From this share of a quota on it is worth a word. */
const tight = 0.9;

/** IAM counts characters without white space; JSON.stringify writes none outside strings. */
function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).replace(/\s/g, "").length;
}

/** How many of the resources are not there yet; one that can't be read counts, and is said elsewhere. */
async function countNew({ look }: PreflightContext, resources: readonly CloudResource[]): Promise<number> {
  const seen = await Promise.allSettled(resources.map((resource) => look(resource)));
  return seen.filter((one) => one.status === "rejected" || one.value.state === "absent").length;
}

/** The account's quotas: how many roles and providers, and how long a trust policy may be. */
export async function checkQuotas(context: PreflightContext): Promise<PreflightFinding[]> {
  const { accountId } = context;
  const roles = ofKind(context.resources, "role");
  const providers = ofKind(context.resources, "oidc-provider");
  if (roles.length + providers.length === 0) return [];
  const subject = { kind: "account", accountId, key: `account ${accountId}` };
  const iam = context.clients.iam();
  return orUnknown(context, subject, "the account's IAM quotas", async () => {
    const [{ SummaryMap: summary = {} }, newRoles, newProviders] = await Promise.all([
      iam.send(new GetAccountSummaryCommand({})),
      countNew(context, roles),
      countNew(context, providers),
    ]);
    const quota = (name: string): number | undefined =>
      Object.entries(summary).find(([key]) => key === name)?.[1];
    const trustLimit = quota("AssumeRolePolicySizeQuota") ?? defaultTrustSize;
    const findings = roles
      .filter(({ body }) => sizeOf(body.trust) > trustLimit)
      .map((role) =>
        tooLong(role, "quota.trust-policy", "The trust policy", sizeOf(role.body.trust), trustLimit),
      );
    const [roleCount, roleLimit] = [quota("Roles"), quota("RolesQuota")];
    if (roleCount !== undefined && roleLimit !== undefined && newRoles > 0) {
      findings.push(...room(accountId, "quota.roles", "roles", roleCount + newRoles, roleLimit));
    }
    if (newProviders > 0) {
      const { OpenIDConnectProviderList: list = [] } = await iam.send(
        new ListOpenIDConnectProvidersCommand({}),
      );
      // The summary has no quota for providers: the default, which may have been raised.
      const found = room(
        accountId,
        "quota.oidc-providers",
        "OIDC providers",
        list.length + newProviders,
        defaultProviders,
      );
      findings.push(...found.map((finding) => ({ ...finding, severity: "warning" as const })));
    }
    return findings;
  });
}

function tooLong(
  resource: CloudResource,
  id: string,
  what: string,
  size: number,
  limit: number,
): PreflightFinding {
  return about(resource, {
    id,
    severity: "error",
    title: `${what} would be too long`,
    detail: `${size} of ${limit} characters.`,
    nextStep: "Ask for a higher quota in Service Quotas (IAM), or take grants away from this workload.",
  });
}

function room(accountId: string, id: string, what: string, count: number, limit: number): PreflightFinding[] {
  if (count <= limit * tight) return [];
  return [
    {
      id,
      severity: count > limit ? "error" : "warning",
      accountId,
      title: count > limit ? `No room for more ${what}` : `Nearly no room for more ${what}`,
      detail: `${count} of ${limit} with this change.`,
      nextStep: "Ask for a higher quota in Service Quotas (IAM), or remove what is no longer used.",
    },
  ];
}

/** Inline policies count together: those that are there and stay, and those of the plan. */
export function checkInline(context: PreflightContext): Promise<PreflightFinding[]> {
  const byRole = Map.groupBy(ofKind(context.resources, "role-policy"), ({ body }) => body.roleName);
  return each(byRole, async ([roleName, policies]) => {
    const [first] = policies;
    if (!first) return [];
    const role = ofKind(context.resources, "role").find(({ body }) => body.name === roleName);
    return orUnknown(context, first, "the size of the role's inline policies", async () => {
      const planned = new Set(policies.map(({ body }) => body.policyName));
      const exists = role === undefined || (await context.look(role)).state === "present";
      const kept = exists ? await otherInlineSize(context, roleName, planned) : 0;
      const size = policies.reduce((sum, { body }) => sum + sizeOf(body.document), kept);
      return size > inlineLimit
        ? [tooLong(first, "quota.inline-policies", `The inline policies of ${roleName}`, size, inlineLimit)]
        : [];
    });
  });
}

async function otherInlineSize(
  { clients }: PreflightContext,
  RoleName: string,
  planned: ReadonlySet<string>,
): Promise<number> {
  const client = clients.iam();
  let size = 0;
  for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      if (planned.has(PolicyName)) continue;
      const { PolicyDocument = "" } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      size += decodeURIComponent(PolicyDocument).replace(/\s/g, "").length;
    }
  }
  return size;
}
