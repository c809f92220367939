import { patterns } from "#lib/desired/patterns/catalogue.ts";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import { parseArn } from "#lib/model/arn.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { accountA, accountB, grantFor, targets, withAgent, withoutAgent, workload } from "../testing.ts";
import type { Random } from "./random.ts";

/** One way to reach one kind of target, as it can be asked for in the two accounts of the tests. */
export interface Case {
  /** `role-chaining on edge to away s3` */
  name: string;
  /** A new grant of it, each time with an id of its own. */
  grant(wanted?: Partial<Pick<Grant, "subResource" | "level" | "custom" | "expiresAt">>): Grant;
}

/** Some of the actions that may be asked for on the target one by one, half of the time over TLS alone. */
export function customAccess(random: Random, targetArn: string): Pick<Grant, "level" | "custom"> {
  const service = serviceOf(parseArn(targetArn)?.service ?? "");
  if (!service) throw new Error(`no service has ${targetArn}`);
  const conditions: CustomPermissions[number]["conditions"] =
    random.below(2) === 0 ? [] : [{ operator: "Bool", key: "aws:SecureTransport", values: ["true"] }];
  const actions = random.sample(
    service.actions.map(({ action }) => action),
    1 + random.below(5),
  );
  return { level: "custom", custom: [{ actions, conditions }] };
}

/** Shares out a number of plays over the cases, in random order: the first cases get one more. */
export function spread(
  random: Random,
  cases: readonly Case[],
  total: number,
): { one: Case; plays: number }[] {
  const each = Math.floor(total / cases.length);
  const more = total % cases.length;
  return random
    .sample(cases, cases.length)
    .map((one, index) => ({ one, plays: each + (index < more ? 1 : 0) }))
    .filter(({ plays }) => plays > 0);
}

const places = { home: accountA.id, away: accountB.id } as const;

/**
 * Every access pattern × identity × account × service that nothing speaks against: what the product knows is read
 * from its own tables, so that a new pattern or service is tortured without a line here.
 */
export function allCases(estate: Estate, serviceAccount = "tortured"): Case[] {
  const cases = new Map<string, Case>();
  for (const pattern of Object.keys(patterns))
    for (const cluster of [withoutAgent, withAgent])
      for (const place of ["home", "away"] as const)
        for (const [service, arn] of Object.entries(targets[place])) {
          const wanted = {
            workload: workload(cluster, serviceAccount),
            target: { arn, accountId: places[place] },
          };
          const possible = grantFor(pattern, estate, wanted);
          if (!possible) continue;
          const key = `${pattern} ${possible.identity.kind} ${arn}`;
          if (cases.has(key)) continue;
          const grant: Case["grant"] = (more = {}) => {
            const made = grantFor(pattern, estate, { ...wanted, ...more });
            if (!made) throw new Error(`${pattern} is not possible any more`);
            return made;
          };
          cases.set(key, { name: `${pattern} on ${cluster.name} to ${place} ${service}`, grant });
        }
  return [...cases.values()];
}
