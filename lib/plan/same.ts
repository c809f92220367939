import type {
  CloudResource,
  Observed,
  ResourceBodies,
  ResourceKind,
  Tags,
} from "#lib/model/cloud-resource.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { isRetiring } from "#lib/model/retirement.ts";
import { sameDocument, sameStatement } from "#lib/policy/canonical.ts";

/** Names of what differs between what should be and what is; empty when nothing does. */
type Comparison<K extends ResourceKind> = (want: ResourceBodies[K], have: ResourceBodies[K]) => string[];

function when(differs: boolean, name: string): string[] {
  return differs ? [name] : [];
}

/** Tags of ours must be there; an organisation's own tags beside them are left alone. */
function tagsDiffer(want: Tags, have: Tags): boolean {
  return Object.entries(want).some(([key, value]) => have[key] !== value);
}

function statementsDiffer(want: readonly Statement[], have: readonly Statement[]): boolean {
  if (want.length !== have.length) return true;
  return want.some((statement) => {
    const found = have.find((other) => other.Sid === statement.Sid);
    return !found || !sameStatement(statement, found);
  });
}

/** These documents are ours alone, so the order of their statements says nothing. */
function sameMeaning(want: PolicyDocument, have: PolicyDocument): boolean {
  return sameDocument(want, have, { statementOrder: "ignored" });
}

const comparisons: { [K in ResourceKind]: Comparison<K> } = {
  "oidc-provider": (want, have) => [
    ...when(
      want.clientIds.some((id) => !have.clientIds.includes(id)),
      "client ids",
    ),
    ...when(tagsDiffer(want.tags, have.tags), "tags"),
  ],
  role: (want, have) => [
    ...when(!sameMeaning(want.trust, have.trust), "trust policy"),
    ...when(want.boundaryArn !== have.boundaryArn, "permissions boundary"),
    ...when(want.maxSessionDuration !== have.maxSessionDuration, "session duration"),
    ...when(want.description !== have.description, "description"),
    ...when(tagsDiffer(want.tags, have.tags), "tags"),
  ],
  "role-policy": (want, have) => when(!sameMeaning(want.document, have.document), "permissions"),
  "resource-policy-statements": (want, have) =>
    when(statementsDiffer(want.statements, have.statements), "statements"),
  "pod-identity-association": (want, have) => [
    ...when(want.roleArn !== have.roleArn, "role"),
    ...when(want.targetRoleArn !== have.targetRoleArn, "target role"),
    ...when(tagsDiffer(want.tags, have.tags), "tags"),
  ],
};

/**
 * What differs between the desired resource and what is there, by name. `observed` must be of the same kind: it is
 * looked up by the resource's key, and keys name one kind only.
 */
export function differences(
  resource: CloudResource,
  observed: Extract<Observed, { state: "present" }>,
): string[] {
  const compare = comparisons[resource.kind] as Comparison<ResourceKind>;
  return [
    ...compare(resource.body, observed.body),
    // None is ever wanted: what a role of ours may do stands in its inline policies.
    ...when((observed.policies?.attached ?? []).length > 0, "attached policies"),
    ...when(isRetiring(observed), "its deletion, which was begun"),
  ];
}
