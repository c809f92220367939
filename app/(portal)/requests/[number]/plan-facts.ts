import type { PathChange } from "#components/requests/path-hops.tsx";
import type { PlanView } from "#lib/db/queries/views/plan.ts";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";

/** Account id → name, of every account that the request touches. */
export function accountsOf(
  request: RequestView,
  nameOf: (id: string) => string | undefined,
): Record<string, string> {
  const ids = [
    request.workload.cluster.accountId,
    ...request.version.targets.map((target) => target.accountId),
    ...request.hops.flat().map((hop) => hop.accountId),
    ...request.preflight.findings.map((finding) => finding.accountId),
  ];
  return Object.fromEntries(ids.map((id) => [id, nameOf(id) ?? id]));
}

/** What the plan does to the thing that a hop stands for. */
export function changeOf(plan: PlanView | null): (hop: Hop) => PathChange | null {
  const steps = plan?.accounts.flatMap((account) => account.steps) ?? [];
  return (hop) => {
    if (hop.icon === "resource") {
      const step = steps.find(
        ({ key, kind }) => kind === "resource-policy-statements" && key.startsWith(`${hop.subtitle}#`),
      );
      // The statement is new; the policy that it goes into is the owners' own.
      return step && step.verb !== "keep" ? "update" : null;
    }
    const step = steps.find(({ key, kind, accountId }) =>
      hop.icon === "provider"
        ? kind === "oidc-provider" && accountId === hop.accountId
        : key === hop.subtitle,
    );
    return step?.verb ?? null;
  };
}

/** The proof of each target, by the target's name. */
export function proofsOf({ proof, version }: Pick<RequestView, "proof" | "version">) {
  return proof.map(({ grantId, rows }) => ({
    target: version.targets.find((target) => target.grantId === grantId)?.name ?? "The target",
    rows,
  }));
}

/** Once there are grants, their pages have it, ready to apply. */
export function hasYamlToCome(request: Pick<RequestView, "access" | "granted">): boolean {
  return request.access !== null && request.granted.length === 0;
}
