import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { workloadSubject } from "#lib/model/workload.ts";
import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import { example, fulfilled, takenValues } from "#lib/policy/intended.ts";
import { stsAudience } from "../trust.ts";
import { type Candidate, claimsOf, type Own } from "./candidates.ts";
import { tokenCalls } from "./reachable-sessions.ts";

/** Holders of a provider's tokens: with the subjects that the statement takes, but the workload's. */
export function holdersOf(
  role: CloudResource<"role">,
  statement: Statement,
  provider: string,
  { grant, issuers }: Own,
): Candidate[] {
  const principal: CallerPrincipal = { kind: "federated", provider };
  const issuer = provider.split(":oidc-provider/")[1];
  if (issuer === undefined) {
    const context = claimsOf(statement, "saml:");
    return [
      { name: provider, principal, opener: "token", calls: [{ action: "sts:AssumeRoleWithSAML", context }] },
    ];
  }
  const isOwn = issuers.has(issuer);
  const { cluster } = grant.workload;
  const taken = takenValues(statement, `${issuer}:sub`);
  const holders = taken.map((sub) => ({
    sub,
    name: isOwn ? `${podOf(sub)} on ${cluster.name}` : `${sub} of ${issuer}`,
  }));
  const anybody = isOwn ? `any service account of ${cluster.name}` : `any token of ${issuer}`;
  return (taken.length > 0 ? holders : [{ sub: "system:serviceaccount:somebody:somebody", name: anybody }])
    .map(({ sub, name }) => ({ sub: example(sub), name }))
    .filter(({ sub }) => !isOwn || sub !== workloadSubject(grant.workload))
    .map(({ sub, name }) => {
      const known = {
        [`${issuer}:aud`]: fulfilled(statement)[`${issuer}:aud`] ?? stsAudience,
        [`${issuer}:sub`]: sub,
      };
      const contexts = [known, { ...claimsOf(statement, `${issuer}:`), ...known }];
      const calls = tokenCalls(role, [statement]).flatMap((one) =>
        contexts.map((context) => ({ ...one, context })),
      );
      return { name, principal, opener: "token" as const, calls };
    });
}

function podOf(subject: string): string {
  return subject.replace(/^system:serviceaccount:([^:]+):/, "$1/");
}
