import { changesData } from "#lib/desired/changes-data.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Risk } from "#lib/model/risk.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import type { PlanFinding } from "#lib/plan/findings.ts";
import type { Plan } from "#lib/plan/plan.ts";
import { assessRisk, riskFacts } from "#lib/policy/risk.ts";
import type { Db } from "../types.ts";
import { findingsOf, isFindingId } from "./findings-view.ts";
import { type Compiled, planFromSnapshot } from "./proposal.ts";

/**
 * How risky it is to approve a proposal, by what it would change, by what is wrong with what it writes, and by what the
 * live check has found. What others wrote and what stands already is shown to approvers and does not count: they don't
 * decide on it.
 */
export function riskOf(
  { grants }: Pick<Compiled, "grants">,
  estate: Estate,
  { steps }: Plan,
  found: readonly PlanFinding[],
  preflight: readonly PreflightFinding[] = [],
): Risk {
  const made = steps.flatMap(({ verb, resource }) =>
    verb === "create" || verb === "update" ? [resource] : [],
  );
  const ids = [
    ...found.flatMap(({ id, origin }) => (origin === "new" ? [id] : [])),
    ...preflight.flatMap(({ id }) => (isFindingId(id) ? [id] : [])),
  ];
  const targets = new Set(grants.map(({ target }) => target.arn));
  const known = estate.inventory.flatMap(({ arn, classification }) =>
    targets.has(arn) && classification ? [classification] : [],
  );
  return assessRisk(
    riskFacts({
      grants,
      writes: grants.some(changesData),
      estate,
      made,
      findings: ids,
      classifications: known,
    }),
  );
}

/** The same from the inventory's last snapshot. */
export async function riskFromSnapshot(
  db: Db,
  compiled: Compiled,
  estate: Estate,
  now: Date,
  preflight: readonly PreflightFinding[] = [],
): Promise<Risk> {
  const { plan } = await planFromSnapshot(db, compiled);
  return riskOf(compiled, estate, plan, findingsOf(plan.steps, now), preflight);
}
