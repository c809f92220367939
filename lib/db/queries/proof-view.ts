import {
  type Around,
  documentsToday,
  keysBehind,
  plannedDocuments,
  roleIdsOf,
} from "#lib/desired/proof/documents.ts";
import { proveAccess } from "#lib/desired/proof/prove-access.ts";
import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { accountOfKey, isKeyArn } from "#lib/model/key-facts.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { keyFromSnapshot, observedFromSnapshot, policySnapshotKey } from "#lib/plan/snapshot.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { loadSnapshot, oldest, type Snapshot } from "../estate.ts";
import type { Db } from "../types.ts";
import type { Compiled } from "./proposal.ts";
import type { ProofView } from "./views/plan.ts";

/**
 * Who could reach what if the proposal were carried out, beside who can today: both by the evaluator, over the planned
 * documents and over those that the inventory last saw. Boundaries are taken as onboarding gives them; the live check
 * compares them.
 */
export async function proofOf(
  db: Db,
  { grants, before, after }: Compiled,
  estate: Estate,
  now: Date,
  seesInside: (accountId: AccountId) => boolean,
): Promise<ProofView[]> {
  const targets = [...new Set(grants.map(({ target }) => target.arn))];
  const resources = [...new Map([...before, ...after].map((one) => [one.key, one])).values()];
  const behind = [...keysBehind(grants, estate).values()];
  const accountIds = [...resources, ...grants.map(({ target }) => target)].map(({ accountId }) => accountId);
  const guarded = [...targets, ...behind.map(({ arn }) => arn)];
  const keys = [...resources.map(({ key }) => key), ...guarded.map(policySnapshotKey)];
  const ofKeys = behind.map(({ accountId }) => accountId);
  const { observed, ages } = await loadSnapshot(db, [...new Set([...accountIds, ...ofKeys])], keys);
  const seenNow = observedFromSnapshot(resources, observed);
  const around: Around = {
    targets,
    // Of an account that was never read nobody knows which roles it has.
    roleIds: roleIdsOf(
      resources.filter(({ accountId }) => ages[accountId]),
      seenNow,
    ),
    boundaries: boundariesOf(resources, estate),
    policies: policiesOf(targets, observed),
    keys: keysBehind(
      grants,
      estate,
      new Map(behind.map(({ arn }) => [arn, keyFromSnapshot(observed, arn)] as const)),
    ),
  };
  const planned = plannedDocuments(after, before, around);
  const seen = documentsToday(resources, seenNow, around);
  // Of an account that was never read nobody knows what is new.
  const wanted = Object.fromEntries(accountIds.map((id) => [id, ages[id] ?? null]));
  const today = oldest(wanted) === null ? null : { documents: seen, desired: before };
  return grants.map((grant) => ({
    grantId: grant.id,
    rows: shownRows(grant, proveAccess(grant, after, planned, now.toISOString(), today), seesInside),
  }));
}

function boundariesOf(resources: readonly CloudResource[], estate: Estate): Map<string, PolicyDocument> {
  const used = new Set(resources.flatMap((one) => (one.kind === "role" ? [one.body.boundaryArn] : [])));
  return new Map(
    estate.accounts
      .filter(({ boundaryArn }) => used.has(boundaryArn))
      .map((account) => [account.boundaryArn, boundaryPolicy(account, estate.installation)]),
  );
}

/** A target without a row was never read; one whose row has no policy has none. */
function policiesOf(targets: readonly string[], observed: Snapshot["observed"]) {
  return new Map(
    targets.flatMap((arn) => {
      const found = observed[policySnapshotKey(arn)];
      return found ? [[arn, found.surrounding ?? null] as const] : [];
    }),
  );
}

/**
 * What others wrote into the policies of the target and of the key behind it is named only to who may see it: the
 * answers stay, not their reasons.
 */
export function shownRows(
  { target }: Pick<Grant, "target">,
  rows: readonly ProvenRow[],
  seesInside: (accountId: AccountId) => boolean,
): ProvenRow[] {
  const ownerOf = (resource: string) => (isKeyArn(resource) ? accountOfKey(resource) : target.accountId);
  const hidden = ({ resource }: ProvenRow["steps"][number]) =>
    !/:iam:.*:role\//.test(resource) && !seesInside(ownerOf(resource));
  return rows.map((row) => {
    if (seesInside(target.accountId) && !row.steps.some(hidden)) return row;
    return {
      ...row,
      ...(row.who === "others-in-parts" && !seesInside(target.accountId)
        ? { actions: withoutParts(row.actions), reason: "" }
        : {}),
      dependsOn: row.dependsOn.length > 0 ? ["what only the target account's owners see here"] : [],
      steps: row.steps.filter((step) => !hidden(step)),
    };
  });
}

/** "s3:GetObject on published/*": which part it is stands in what others wrote. */
function withoutParts(actions: readonly string[]): string[] {
  return [...new Set(actions.map((one) => one.replace(/ on .*$/, "")))];
}
