import {
  GetAccountSummaryCommand,
  GetRolePolicyCommand,
  ListOpenIDConnectProvidersCommand,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { controllers } from "../controllers.ts";
import { createWait } from "../wait.ts";
import { about, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** Defaults where GetAccountSummary says nothing. Source: IAM User Guide, "IAM and STS quotas". */
const defaultTrustSize = 2_048;
const defaultProviders = 100;
/** Sum of a role's inline policies, white space not counted; fixed. */
const inlineLimit = 10_240;
/** From this share of a quota on it is worth a word. */
const tight = 0.9;

const wait = createWait({ deadlineMs: 0 });

/** IAM counts characters without white space; JSON.stringify writes none outside strings. */
function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).replace(/\s/g, "").length;
}

/** Roles, their inline policies, providers and the quotas of the account. */
export async function checkIam(context: PreflightContext): Promise<PreflightFinding[]> {
  const roles = ofKind(context.resources, "role");
  const providers = ofKind(context.resources, "oidc-provider");
  const ctx = { clients: context.clients, installation: context.installation, wait };
  const seen = new Map<string, Observed>();
  const findings: PreflightFinding[] = [];
  for (const role of roles) {
    const check = async () => {
      const observed = await controllers.role.observe(ctx, role);
      seen.set(role.key, observed);
      return observed.conflict ? [foreignRole(role, observed.conflict)] : [];
    };
    findings.push(...(await orUnknown(role, "whether the role's name is free", check)));
  }
  for (const provider of providers) {
    const check = async () => {
      const observed = await controllers["oidc-provider"].observe(ctx, provider);
      seen.set(provider.key, observed);
      return providerFindings(provider, observed);
    };
    findings.push(...(await orUnknown(provider, "the OIDC provider", check)));
  }
  const isNew = ({ key }: CloudResource) => seen.get(key)?.state === "absent";
  findings.push(...(await checkQuotas(context, roles.filter(isNew).length, providers.filter(isNew).length)));
  findings.push(...(await checkInline(context, seen)));
  return findings;
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

function providerFindings(
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
  if (observed.ours) return [];
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

async function checkQuotas(
  context: PreflightContext,
  newRoles: number,
  newProviders: number,
): Promise<PreflightFinding[]> {
  const { accountId } = context;
  const roles = ofKind(context.resources, "role");
  if (roles.length + newProviders === 0) return [];
  const subject = { kind: "account", accountId, key: `account ${accountId}` };
  const iam = context.clients.iam();
  return orUnknown(subject, "the account's IAM quotas", async () => {
    const { SummaryMap: summary = {} } = await iam.send(new GetAccountSummaryCommand({}));
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
async function checkInline(
  context: PreflightContext,
  seen: ReadonlyMap<string, Observed>,
): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  const byRole = Map.groupBy(ofKind(context.resources, "role-policy"), ({ body }) => body.roleName);
  for (const [roleName, policies] of byRole) {
    const [first] = policies;
    if (!first) continue;
    const role = ofKind(context.resources, "role").find(({ body }) => body.name === roleName);
    const exists = role === undefined || seen.get(role.key)?.state === "present";
    const check = async () => {
      const planned = new Set(policies.map(({ body }) => body.policyName));
      const kept = exists ? await otherInlineSize(context, roleName, planned) : 0;
      const size = policies.reduce((sum, { body }) => sum + sizeOf(body.document), kept);
      return size > inlineLimit
        ? [tooLong(first, "quota.inline-policies", `The inline policies of ${roleName}`, size, inlineLimit)]
        : [];
    };
    findings.push(...(await orUnknown(first, "the size of the role's inline policies", check)));
  }
  return findings;
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
