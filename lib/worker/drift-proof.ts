import { json } from "#lib/db/json.ts";
import type { Tx } from "#lib/db/types.ts";
import type { CloudResource, ObservedState } from "#lib/model/cloud-resource.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { DriftFinding } from "#lib/model/drift.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { isOpenKey, type ProvenRow } from "#lib/model/proven-access.ts";
import { AwsFailure } from "./aws-attempt.ts";
import type { WorkerDeps } from "./deps.ts";
import { RunRefused } from "./picture.ts";
import { presentOf, prove, readAround, type ToProve } from "./prove.ts";
import type { Readers } from "./run-context.ts";

/** Who gets in by what one look has read, and what it has read for that. */
export interface LiveProof {
  resources: Pick<CloudResource, "key" | "kind" | "accountId">[];
  evaluated: ProvenRow[];
}

export interface Looked {
  deps: WorkerDeps;
  readers: Readers;
  observed: ObservedState;
  /** Milliseconds that one read is tried for. */
  withinMs: number;
}

/** A form that a grant had, with what is desired of all grants of its cluster when it has it again. */
export interface EarlierForm {
  grant: Grant;
  desired: CloudResource[];
}

interface ReadForProof {
  earlier: readonly EarlierForm[];
  /** Those that were read already, by ARN. */
  boundaries: ReadonlyMap<string, PolicyDocument>;
  /** What was looked at. */
  read: readonly CloudResource[];
}

/**
 * Evaluates access over what a look for drift has read, policies of others on our roles included. Of a grant whose
 * change failed by the form that comes closest: what either of them allows is not wrong.
 *
 * @returns nothing where a boundary or a target's policy can't be read: then the last proof stands
 */
export async function proveLive(
  { deps, readers, observed, withinMs }: Looked,
  toProve: ToProve,
  { earlier, boundaries, read }: ReadForProof,
): Promise<ReadonlyMap<GrantId, ProvenRow[]>> {
  const seen = read.flatMap((resource) => {
    const found = observed[resource.key];
    return found ? [{ resource, observed: found }] : [];
  });
  try {
    // A policy without our statements is read like that of any other target.
    const around = await readAround(
      { deps, readers, signal: deps.stopping, withinMs, boundaries },
      toProve,
      presentOf(seen),
    );
    const proven = await prove({ deps }, toProve, seen, around);
    for (const { grant, desired } of earlier) {
      const then = await prove({ deps }, { ...toProve, grants: [grant], desired }, seen, around);
      const [rows = [], closest = []] = [then.get(grant.id), proven.get(grant.id)];
      if (wrongIn(rows) < wrongIn(closest)) proven.set(grant.id, rows);
    }
    return proven;
  } catch (error) {
    if (error instanceof AwsFailure || error instanceof RunRefused) return new Map();
    throw error;
  }
}

function wrongIn(rows: readonly ProvenRow[]): number {
  return rows.filter(({ ok }) => !ok).length;
}

/**
 * The look as a verification of the grant: a row of its own where the answer is another than before, else the last
 * one is as of now.
 *
 * @returns whether there is a new row
 */
export async function storeProof(
  tx: Tx,
  grantId: GrantId,
  { proof, findings, at }: { proof: LiveProof | undefined; findings: readonly DriftFinding[]; at: Date },
): Promise<boolean> {
  const report = { resources: resourcesOf(proof, findings), evaluated: proof?.evaluated ?? [] };
  const ok =
    report.resources.every((one) => one.ok) && report.evaluated.every((row) => row.ok || isOpenKey(row));
  const last = await tx.verification.findFirst({
    where: { grantId, source: "documents" },
    orderBy: { at: "desc" },
  });
  if (proof && last?.ok === ok && canonicalJson(last.report) === canonicalJson(report)) {
    await tx.verification.update({ where: { id: last.id }, data: { at } });
    return false;
  }
  await tx.verification.create({ data: { grantId, source: "documents", ok, report: json(report), at } });
  return true;
}

/** As after a run: all that was read back, with what is wrong with it in words. */
function resourcesOf(proof: LiveProof | undefined, findings: readonly DriftFinding[]) {
  const read = proof?.resources ?? [];
  const others = findings.filter(({ key }) => !read.some((one) => one.key === key));
  const all = [...read, ...others.map(({ id, key, accountId }) => ({ key, kind: id, accountId }))];
  return all.map(({ key, kind, accountId }) => {
    const differences = findings.filter((one) => one.key === key).map(({ title }) => title);
    return { key, kind, accountId, ok: differences.length === 0, differences };
  });
}
