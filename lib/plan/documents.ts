import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { mergeStatements, statementsOfKey, withoutStatements } from "#lib/policy/merge.ts";
import { isMutating, type PlanStep } from "./plan.ts";

/** A document that a step writes or removes, as it is and as it will be. Null: there is none. */
export interface DocumentChange {
  title: string;
  before: unknown;
  after: unknown;
}

/** The dead statements of our other grants that leave a shared policy with this step: with a change, and with nothing else. */
export function goingWith({ verb, deadSids = [] }: PlanStep): string[] {
  return isMutating(verb) ? deadSids : [];
}

/** Every document of a step in full, for people to read: what an approver signs. */
export function documentsOf(step: PlanStep): DocumentChange[] {
  const gone = step.verb === "delete";
  const { resource, observed } = step;
  switch (resource.kind) {
    case "oidc-provider":
      return [
        change("OIDC provider", bodyOf<"oidc-provider">(observed), gone ? null : resource.body, (body) => ({
          url: `https://${body.issuer}`,
          clientIds: body.clientIds,
        })),
      ];
    case "role": {
      const have = bodyOf<"role">(observed);
      const want = gone ? null : resource.body;
      return [
        change("Trust policy", have, want, (body) => body.trust),
        withAttached(
          change("Role settings", have, want, (body) => ({
            path: body.path,
            description: body.description,
            permissionsBoundary: body.boundaryArn,
            maxSessionDuration: body.maxSessionDuration,
            tags: body.tags,
          })),
          observed,
        ),
      ];
    }
    case "role-policy":
      return [
        change(
          "Permissions",
          bodyOf<"role-policy">(observed),
          gone ? null : resource.body,
          (body) => body.document,
        ),
      ];
    case "resource-policy-statements": {
      const whole = observed?.surrounding;
      const wanted = gone ? [] : resource.body.statements;
      // An older form of the grant may have had more statements: what is not wanted any more goes.
      const keep = new Set(wanted.map((statement) => statement.Sid));
      const stale = statementsOfKey(whole, resource.key).flatMap(({ Sid }) => (keep.has(Sid) ? [] : [Sid]));
      const after = withoutStatements(gone ? whole : mergeStatements(whole, wanted), [
        ...stale,
        ...goingWith(step),
      ]);
      return [{ title: "Resource policy", before: whole ?? null, after: after ?? null }];
    }
    case "pod-identity-association":
      return [
        change(
          "Pod Identity association",
          bodyOf<"pod-identity-association">(observed),
          gone ? null : resource.body,
          (body) => body,
        ),
      ];
  }
}

/** Managed policies that others attached: none is left afterwards. */
function withAttached(settings: DocumentChange, observed: Observed | undefined): DocumentChange {
  const attached = observed?.state === "present" ? (observed.policies?.attached ?? []) : [];
  if (attached.length === 0) return settings;
  return { ...settings, before: { ...(settings.before as object), attachedPolicies: attached } };
}

function bodyOf<K extends CloudResource["kind"]>(observed: Observed | undefined) {
  return observed?.state === "present" ? (observed.body as CloudResource<K>["body"]) : null;
}

function change<B>(
  title: string,
  have: B | null,
  want: B | null,
  read: (body: B) => unknown,
): DocumentChange {
  return { title, before: have ? read(have) : null, after: want ? read(want) : null };
}
