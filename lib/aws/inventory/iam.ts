import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListOpenIDConnectProvidersCommand,
  paginateListRolePolicies,
  paginateListRoles,
  type Role,
} from "@aws-sdk/client-iam";
import { oidcProviderArn, roleArn, rolePolicyKey } from "#lib/model/resource-key.ts";
import { rolePath } from "#lib/model/tags.ts";
import { observedProvider } from "../controllers/oidc-provider.ts";
import { observedRole, roleBody } from "../controllers/role.ts";
import { parseIamDocument } from "../documents.ts";
import { mapLimited } from "../limiter.ts";
import { type Gap, readsAtATime, type SectionContext } from "./section.ts";

/** The audience of tokens for STS, in every partition. */
const stsAudience = "sts.amazonaws.com";

/**
 * The OIDC providers of EKS clusters in the registered Regions, whoever made them. Others are left alone: the
 * provisioner may not even read them.
 */
export async function readProviders(context: SectionContext, regions: readonly string[]): Promise<void> {
  const section = "oidc-providers";
  const iam = context.clients.iam();
  const { partition, id } = context.account;
  const all: Gap = { of: "list", prefix: oidcProviderArn(partition, id, "") };
  const arns = await context.attempt({ section, gap: all }, async () => {
    const { OpenIDConnectProviderList: list = [] } = await iam.send(
      new ListOpenIDConnectProvidersCommand({}),
    );
    return list.flatMap(({ Arn }) => (Arn && isEksIssuer(issuerOf(Arn), regions) ? [Arn] : []));
  });
  await mapLimited(arns ?? [], readsAtATime, async (arn) => {
    await context.attempt({ section, gap: { of: "resource", key: arn } }, async () => {
      const found = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
      context.snapshot.observed[arn] = observedProvider(
        found,
        issuerOf(arn),
        [stsAudience],
        context.installation,
      );
    });
  });
}

function issuerOf(providerArn: string): string {
  return providerArn.replace(/^.*:oidc-provider\//, "");
}

function isEksIssuer(issuer: string, regions: readonly string[]): boolean {
  const region = /^oidc\.eks\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\/id\/[^/]+$/.exec(issuer)?.[1];
  return region !== undefined && regions.includes(region);
}

/** Roles under our path with their inline policies. ListRoles leaves out tags and boundary, so each is read. */
export async function readRoles(context: SectionContext): Promise<void> {
  const section = "roles";
  const client = context.clients.iam();
  const { partition, id } = context.account;
  const all: Gap = { of: "list", prefix: roleArn(partition, id, "/", "") };
  const listed = await context.attempt({ section, gap: all }, async () => {
    const found: Role[] = [];
    const PathPrefix = rolePath(context.installation);
    for await (const page of paginateListRoles({ client, pageSize: 1000 }, { PathPrefix })) {
      found.push(...(page.Roles ?? []));
    }
    return found;
  });
  await mapLimited(listed ?? [], readsAtATime, async ({ RoleName: subject, Path = "/" }) => {
    if (subject === undefined) return;
    const gap: Gap = { of: "resource", key: roleArn(partition, id, Path, subject) };
    await context.attempt({ section, subject, gap }, () => readRole(context, subject));
  });
}

async function readRole(context: SectionContext, RoleName: string): Promise<void> {
  const { account, snapshot, installation } = context;
  const client = context.clients.iam();
  const { Role: found } = await client.send(new GetRoleCommand({ RoleName }));
  if (!found) return;
  const body = roleBody(found, `role ${RoleName}`);
  const arn = roleArn(account.partition, account.id, body.path, body.name);
  const role = observedRole(body, installation, found.RoleId);
  snapshot.observed[arn] = role;
  for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      const key = rolePolicyKey(arn, PolicyName);
      await context.attempt({ section: "role-policies", gap: { of: "resource", key } }, async () => {
        const { PolicyDocument = "" } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        const document = parseIamDocument(PolicyDocument, key);
        snapshot.observed[key] = {
          state: "present",
          body: { roleName: RoleName, policyName: PolicyName, document },
          ours: role.ours,
        };
      });
    }
  }
}
