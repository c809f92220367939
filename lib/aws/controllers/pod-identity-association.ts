import {
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  DescribePodIdentityAssociationCommand,
  type EKSClient,
  type PodIdentityAssociation,
  paginateListPodIdentityAssociations,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import type { CloudResource, Observed, PodIdentityAssociationBody } from "#lib/model/cloud-resource.ts";
import { digestOf } from "#lib/model/digest.ts";
import { isOurs } from "#lib/model/tags.ts";
import type { Controller, ControllerContext, Outcome, Present } from "../controller.ts";
import { classify, ForeignResourceError, isKind, NotVisibleError } from "../errors.ts";
import { pastLateDenials } from "./late-denial.ts";
import { tagChanges } from "./tags.ts";

type Kind = "pod-identity-association";
type Resource = CloudResource<Kind>;

/**
 * Our own idempotency token, so that a repeated call is the same call (the SDK would make a new one each time).
 * 64 characters, EKS's maximum. The step is in it: what was deleted since may be made again, and how long EKS would
 * answer with what it made before is documented nowhere.
 */
function requestToken(
  { occasion = "" }: ControllerContext,
  resource: Resource,
  act: "create" | "update",
): string {
  const { key, body, owners } = resource;
  return digestOf({ act, key, body, owners, occasion });
}

/** EKS allows one association a service account; List gives its id, and only Describe gives its roles. */
export async function findAssociation(
  eks: EKSClient,
  {
    clusterName,
    namespace,
    serviceAccount,
  }: Pick<PodIdentityAssociationBody, "clusterName" | "namespace" | "serviceAccount">,
): Promise<PodIdentityAssociation | undefined> {
  const associationId = await firstAssociation(eks, { clusterName, namespace, serviceAccount });
  if (!associationId) return undefined;
  try {
    const { association } = await eks.send(
      new DescribePodIdentityAssociationCommand({ clusterName, associationId }),
    );
    return association;
  } catch (error) {
    if (isKind(error, "not-found")) return undefined;
    throw error;
  }
}

/** A page may be empty and have another after it, as of every list of AWS that is filtered. */
async function firstAssociation(
  client: EKSClient,
  of: { clusterName: string; namespace: string; serviceAccount: string },
): Promise<string | undefined> {
  for await (const { associations } of paginateListPodIdentityAssociations({ client }, of)) {
    const [first] = associations ?? [];
    if (first?.associationId) return first.associationId;
  }
  return undefined;
}

function conflictOf(found: PodIdentityAssociation, ours: boolean): string | undefined {
  const whose = `${found.namespace}/${found.serviceAccount} on ${found.clusterName}`;
  if (found.ownerArn)
    return `The Pod Identity association of ${whose} belongs to the add-on ${found.ownerArn}.`;
  if (!ours) return `${whose} already has a Pod Identity association that Drawbridge did not make.`;
  if (found.disableSessionTags) {
    return `Session tags were turned off on the association of ${whose}, and the roles' trust policies need them.`;
  }
  return undefined;
}

/** EKS's answer in the form of the desired body. */
export function observedAssociation(found: PodIdentityAssociation, installation: string): Present<Kind> {
  const tags = found.tags ?? {};
  const ours = !found.ownerArn && isOurs(tags, installation);
  const conflict = conflictOf(found, ours);
  return {
    state: "present",
    body: {
      clusterName: found.clusterName ?? "",
      namespace: found.namespace ?? "",
      serviceAccount: found.serviceAccount ?? "",
      roleArn: found.roleArn ?? "",
      targetRoleArn: found.targetRoleArn || null,
      tags,
    },
    ours,
    ...(conflict === undefined ? {} : { conflict }),
  };
}

async function observe(ctx: ControllerContext, resource: Resource): Promise<Observed<Kind>> {
  try {
    const found = await findAssociation(ctx.clients.eks(resource.region), resource.body);
    return found ? observedAssociation(found, ctx.installation) : { state: "absent" };
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
    const { clusterName } = resource.body;
    return { state: "absent", conflict: `There is no cluster ${clusterName} in ${resource.region}.` };
  }
}

async function create(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  const { clusterName, namespace, serviceAccount, roleArn, targetRoleArn, tags } = resource.body;
  const command = () =>
    new CreatePodIdentityAssociationCommand({
      clusterName,
      namespace,
      serviceAccount,
      roleArn,
      ...(targetRoleArn === null ? {} : { targetRoleArn }),
      tags,
      clientRequestToken: requestToken(ctx, resource, "create"),
    });
  try {
    // "Role provided in the request does not exist": made a moment ago, EKS does not see it yet.
    await ctx.wait.untilVisible(() => ctx.clients.eks(resource.region).send(command()));
    return { effect: "created" };
  } catch (error) {
    // ResourceInUse: the service account has an association, ours or somebody's.
    if (!["already-exists", "conflict"].includes(classify(error).kind)) throw error;
  }
  const association = await ctx.wait.untilVisible(() => existing(ctx, resource));
  return converge(ctx, resource, association);
}

/** The association, which EKS says is there; it may take a moment to be listed. */
async function existing(ctx: ControllerContext, resource: Resource): Promise<PodIdentityAssociation> {
  const found = await findAssociation(ctx.clients.eks(resource.region), resource.body);
  if (!found) throw new NotVisibleError(`EKS says that ${resource.key} exists, but does not list it.`);
  return found;
}

/** Never replaces: an association is changed in place, or not at all if it is not ours. */
async function converge(
  ctx: ControllerContext,
  resource: Resource,
  found: PodIdentityAssociation,
): Promise<Outcome> {
  const { body, ours, conflict } = observedAssociation(found, ctx.installation);
  if (!ours) throw new ForeignResourceError(conflict ?? "The association is not ours.");
  const wanted = resource.body;
  const eks = ctx.clients.eks(resource.region);
  const changed: string[] = [];
  if (
    body.roleArn !== wanted.roleArn ||
    body.targetRoleArn !== wanted.targetRoleArn ||
    found.disableSessionTags
  ) {
    const command = () =>
      new UpdatePodIdentityAssociationCommand({
        clusterName: wanted.clusterName,
        associationId: found.associationId,
        roleArn: wanted.roleArn,
        // An empty text takes the target role away (eks-controller#164).
        targetRoleArn: wanted.targetRoleArn ?? "",
        disableSessionTags: false,
        // Not deterministic on its own: changed there and back again, the third call must not be taken for the first.
        clientRequestToken: digestOf({
          base: requestToken(ctx, resource, "update"),
          since: found.modifiedAt?.getTime() ?? 0,
        }),
      });
    await ctx.wait.untilVisible(() => eks.send(command()));
    changed.push("roles");
  }
  const { set, remove: drop } = tagChanges(wanted.tags, body.tags);
  const resourceArn = found.associationArn;
  if (Object.keys(set).length > 0) await eks.send(new TagResourceCommand({ resourceArn, tags: set }));
  if (drop.length > 0) await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: drop }));
  if (Object.keys(set).length + drop.length > 0) changed.push("tags");
  return changed.length > 0 ? { effect: "updated", detail: changed.join(", ") } : { effect: "unchanged" };
}

/** Whether its pods still become what they became when it was looked at. */
function leadsAsSeen(found: PodIdentityAssociation, seen: Observed<Kind>): boolean {
  return (
    seen.state === "present" &&
    found.roleArn === seen.body.roleArn &&
    (found.targetRoleArn || null) === seen.body.targetRoleArn
  );
}

/** Looks it up again: updating takes its id, which the desired body has not. */
async function update(ctx: ControllerContext, resource: Resource, seen: Observed<Kind>): Promise<Outcome> {
  const found = await findAssociation(ctx.clients.eks(resource.region), resource.body);
  if (!found || !leadsAsSeen(found, seen)) ctx.onTakenAway?.();
  return found ? converge(ctx, resource, found) : create(ctx, resource);
}

function remove(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  return pastLateDenials(ctx.wait, () => removeNow(ctx, resource));
}

async function removeNow(ctx: ControllerContext, resource: Resource): Promise<Outcome> {
  const eks = ctx.clients.eks(resource.region);
  try {
    const found = await findAssociation(eks, resource.body);
    if (!found) return { effect: "unchanged", detail: "It was already gone." };
    const { ours, conflict } = observedAssociation(found, ctx.installation);
    if (!ours) throw new ForeignResourceError(conflict ?? "The association is not ours.");
    const { clusterName, associationId } = found;
    await eks.send(new DeletePodIdentityAssociationCommand({ clusterName, associationId }));
    return { effect: "deleted" };
  } catch (error) {
    // The cluster itself may be gone, and its associations with it.
    if (isKind(error, "not-found")) return { effect: "unchanged", detail: "It was already gone." };
    throw error;
  }
}

/**
 * EKS Pod Identity associations: which role a service account's pods become. Session tags stay on, because the
 * trust policies name the workload by them.
 *
 * Source: EKS API reference, Create/Update/Describe/ListPodIdentityAssociation(s).
 */
export const podIdentityAssociation: Controller<Kind> = { observe, create, update, delete: remove };
