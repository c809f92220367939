import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import type { AccessDocuments } from "../proof/reachable-sessions.ts";
import { estate } from "./organisation.ts";

/** What somebody changes about the documents. */
export type Change = (documents: AccessDocuments) => AccessDocuments;

/** As if AWS had exactly what is desired. */
export function documentsOf(resources: readonly CloudResource[]): AccessDocuments {
  const boundaries = new Map<string, PolicyDocument>();
  const policies = new Map<string, PolicyDocument>();
  for (const { kind, body } of resources) {
    if (kind === "role")
      boundaries.set(body.boundaryArn, boundaryPolicy({ partition: "aws" }, estate().installation));
    if (kind === "resource-policy-statements")
      policies.set(body.resourceArn, { Version: "2012-10-17", Statement: body.statements });
  }
  return { resources, boundaries, policies };
}

/** The trust policies of all roles with each statement replaced, by one or more. */
export function withTrust(
  documents: AccessDocuments,
  change: (statement: Statement) => Statement | Statement[],
): AccessDocuments {
  const resources = documents.resources.map((one) => {
    if (one.kind !== "role") return one;
    const changed = statementsOf(one.body.trust).flatMap(change);
    return { ...one, body: { ...one.body, trust: { ...one.body.trust, Statement: changed } } };
  });
  return { ...documents, resources };
}

/** The trust policies of all roles with statements of others added. */
export function trustedToo(...more: Statement[]): Change {
  return (documents) => ({
    ...documents,
    resources: documents.resources.map((one) =>
      one.kind === "role"
        ? {
            ...one,
            body: {
              ...one.body,
              trust: { ...one.body.trust, Statement: [...statementsOf(one.body.trust), ...more] },
            },
          }
        : one,
    ),
  });
}

/** The target's policy with statements of others added. */
export function onTarget({ target }: Grant, ...more: Omit<Statement, "Resource">[]): Change {
  return (documents) => {
    const before = documents.policies.get(target.arn);
    const Resource = [target.arn, `${target.arn}/*`];
    const Statement = [
      ...(before ? statementsOf(before) : []),
      ...more.map((one) => ({ ...one, Resource }) as Statement),
    ];
    return { ...documents, policies: new Map([[target.arn, { Version: "2012-10-17" as const, Statement }]]) };
  };
}
