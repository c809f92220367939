import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  type GetOpenIDConnectProviderCommandOutput,
  type IAMClient,
  paginateListRoles,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
} from "@aws-sdk/client-iam";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { isOurs, rolePath } from "#lib/model/tags.ts";
import type { Controller, ControllerContext, Outcome, Present } from "../controller.ts";
import { parseIamDocument, trusts } from "../documents.ts";
import { classify, ForeignResourceError, isKind, NotVisibleError } from "../errors.ts";
import { looksAgain, pastLateDenials } from "./late-denial.ts";
import { fromIamTags, tagChanges, toIamTags } from "./tags.ts";

type Resource = CloudResource<"oidc-provider">;

/** IAM's answer in the form of the desired body. One of somebody else's that accepts `audiences` serves as well. */
export function observedProvider(
  found: GetOpenIDConnectProviderCommandOutput,
  issuer: string,
  audiences: readonly string[],
  installation: string,
): Present<"oidc-provider"> {
  const tags = fromIamTags(found.Tags?.map(({ Key, Value }) => ({ Key, Value })));
  const clientIds = found.ClientIDList ?? [];
  const ours = isOurs(tags, installation);
  const lacking = audiences.filter((id) => !clientIds.includes(id));
  const conflict = `The OIDC provider exists, was not made by Drawbridge, and lacks the audience ${lacking.join(", ")}. Ask its owner to add it.`;
  return {
    state: "present",
    body: { issuer, clientIds, tags },
    ours,
    ...(ours || lacking.length === 0 ? {} : { conflict }),
  };
}

async function observe(ctx: ControllerContext, resource: Resource): Promise<Observed<"oidc-provider">> {
  const { issuer, clientIds } = resource.body;
  try {
    const found = await ctx.clients
      .iam()
      .send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: resource.key }));
    return observedProvider(found, issuer, clientIds, ctx.installation);
  } catch (error) {
    if (isKind(error, "not-found")) return { state: "absent" };
    throw error;
  }
}

/** No thumbprint: for EKS issuers IAM trusts the root CAs. Source: IAM API, CreateOpenIDConnectProvider. */
async function create(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  const { issuer, clientIds, tags } = resource.body;
  try {
    await ctx.clients.iam().send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${issuer}`,
        ClientIDList: clientIds,
        Tags: toIamTags(tags),
      }),
    );
    return { effect: "created" };
  } catch (error) {
    if (classify(error).kind !== "already-exists") throw error;
  }
  const found = await ctx.wait.untilVisible(async () => {
    const seen = await observe(ctx, resource);
    if (seen.state === "absent")
      throw new NotVisibleError(`IAM says that ${resource.key} exists, but not how.`);
    return seen;
  });
  return update(ctx, resource, found);
}

/** Adds what is missing. Further client ids stay: other roles of the account may use them. */
async function update(
  ctx: ControllerContext,
  resource: Resource,
  observed: Observed<"oidc-provider">,
): Promise<Outcome> {
  if (observed.state === "absent") return create(ctx, resource);
  if (observed.conflict) throw new ForeignResourceError(observed.conflict);
  if (!observed.ours) {
    return { effect: "unchanged", detail: "The provider belongs to others and serves as it is." };
  }
  const iam = ctx.clients.iam();
  const OpenIDConnectProviderArn = resource.key;
  const lacking = resource.body.clientIds.filter((id) => !observed.body.clientIds.includes(id));
  for (const ClientID of lacking) {
    await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }));
  }
  const { set, remove: drop } = tagChanges(resource.body.tags, observed.body.tags);
  if (Object.keys(set).length > 0) {
    await iam.send(new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: toIamTags(set) }));
  }
  if (drop.length > 0) {
    await iam.send(new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys: drop }));
  }
  const changes = lacking.length + Object.keys(set).length + drop.length;
  return { effect: changes > 0 ? "updated" : "unchanged" };
}

/** Every role of the account whose trust names the provider, ours or not. A trust we can't read counts as naming it. */
async function rolesTrusting(iam: IAMClient, providerArn: string): Promise<{ name: string; path: string }[]> {
  const found: { name: string; path: string }[] = [];
  for await (const page of paginateListRoles({ client: iam, pageSize: 1000 }, {})) {
    for (const { RoleName: name = "", Path: path = "", AssumeRolePolicyDocument = "" } of page.Roles ?? []) {
      if (namesProvider(AssumeRolePolicyDocument, name, providerArn)) found.push({ name, path });
    }
  }
  return found;
}

/**
 * Who keeps the provider, by name. Only what no grant of ours needs any more is deleted, so a role of ours that still
 * trusts it is on its way out, or gone and listed late: that is waited for, as nobody else would look again.
 */
async function usersOf(
  { clients, installation, wait }: ControllerContext,
  providerArn: string,
): Promise<string[]> {
  for (let round = 0; ; round += 1) {
    const users = await rolesTrusting(clients.iam(), providerArn);
    const isOurs = users.every(({ path }) => path === rolePath(installation));
    if (users.length === 0 || !isOurs || round === looksAgain) return users.map(({ name }) => name);
    await wait.pause(round);
  }
}

function namesProvider(encodedTrust: string, roleName: string, providerArn: string): boolean {
  try {
    return trusts(parseIamDocument(encodedTrust, `role ${roleName}`), providerArn);
  } catch {
    return true;
  }
}

/** The provider is shared by all roles that name it: it goes with the last of them, and only if we made it. */
function remove(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  return pastLateDenials(ctx.wait, () => removeNow(ctx, resource));
}

async function removeNow(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  const found = await observe(ctx, resource);
  if (found.state === "absent") return { effect: "unchanged", detail: "It was already gone." };
  if (!found.ours) return { effect: "kept", detail: "Drawbridge did not make this provider." };
  const users = await usersOf(ctx, resource.key);
  if (users.length > 0) {
    const shown = users.slice(0, 3).join(", ");
    const more = users.length > 3 ? ` and ${users.length - 3} more` : "";
    return { effect: "kept", detail: `Still trusted by ${shown}${more}.` };
  }
  try {
    await ctx.clients
      .iam()
      .send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: resource.key }));
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
  return { effect: "deleted" };
}

/** IAM OIDC providers: make an account trust a cluster's tokens. Tagged, shared, deleted with the last role. */
export const oidcProvider: Controller<"oidc-provider"> = { observe, create, update, delete: remove };
