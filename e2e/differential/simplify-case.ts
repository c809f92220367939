import type { CasePolicies, DecisionCase, OrganizationPolicy } from "./decision-case.ts";
import { without, withoutField } from "./reduce.ts";
import { simplerDocuments } from "./simplify-document.ts";

/** The case with a policy, a statement, a condition or a context key less. */
export function* simplerCases(one: DecisionCase): Iterable<DecisionCase> {
  // A role is never without its trust policy.
  const needed = one.function === "evaluateTrust";
  for (const policies of simplerPolicies(one.policies)) {
    if (!needed || policies.resource !== undefined) yield { ...one, policies };
  }
  for (const context of withoutField(one.request.context)) {
    yield { ...one, request: { ...one.request, context } };
  }
}

const LISTS = ["identity", "session", "scps", "rcps"] as const;

function* simplerPolicies(policies: CasePolicies): Iterable<CasePolicies> {
  yield* withoutField(policies, ["boundary", "session", "resource", "scps", "rcps"]);
  for (const kind of LISTS) {
    const list: OrganizationPolicy[] = policies[kind] ?? [];
    if (list.length > (kind === "identity" ? 0 : 1)) {
      for (const fewer of without(list)) yield { ...policies, [kind]: fewer };
    }
    for (const [at, one] of list.entries()) {
      const wrapped = "document" in one;
      for (const document of simplerDocuments(wrapped ? one.document : one)) {
        yield { ...policies, [kind]: list.with(at, wrapped ? { ...one, document } : document) };
      }
    }
  }
  for (const kind of ["boundary", "resource"] as const) {
    const document = policies[kind];
    if (document === undefined) continue;
    for (const simpler of simplerDocuments(document)) yield { ...policies, [kind]: simpler };
  }
}
