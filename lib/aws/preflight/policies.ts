import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { mergeStatements } from "#lib/policy/merge.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { danglingPrincipals } from "../documents.ts";
import { policyStore } from "../policies/store.ts";
import { about, ofKind, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { checkBucket } from "./s3.ts";
import { checkQueue } from "./sqs.ts";

type Statements = CloudResource<"resource-policy-statements">;

/** Source: S3 and SQS quotas. Bytes of UTF-8 as sent; statements a policy. */
const limits: Record<string, { bytes: number; statements?: number }> = {
  s3: { bytes: 20_480 },
  sqs: { bytes: 8_192, statements: 20 },
};

/** What else a service's resources need a look at. */
const serviceChecks: Record<
  string,
  (context: PreflightContext, resource: Statements) => Promise<PreflightFinding[]>
> = { s3: checkBucket, sqs: checkQueue };

/** After these there is no policy to look at. */
const unreachable = new Set(["bucket.missing", "bucket.not-owned", "queue.missing"]);

/** Everything about the resources whose policies are to carry our statements. */
export async function checkResourcePolicies(context: PreflightContext): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  const byArn = Map.groupBy(
    ofKind(context.resources, "resource-policy-statements"),
    ({ body }) => body.resourceArn,
  );
  for (const group of byArn.values()) {
    const [first] = group;
    if (!first) continue;
    const more = serviceChecks[first.body.service];
    const found = more ? await more(context, first) : [];
    findings.push(...found);
    if (found.some(({ id }) => unreachable.has(id))) continue;
    findings.push(
      ...(await orUnknown(first, "the resource's policy", () => checkDocument(context, first, group))),
    );
  }
  return findings;
}

async function checkDocument(
  { clients }: PreflightContext,
  first: Statements,
  group: Statements[],
): Promise<PreflightFinding[]> {
  const { accountId, region, body } = first;
  const store = policyStore(clients, body.service, { arn: body.resourceArn, accountId, region });
  const existing = await store.read();
  const ours = group.flatMap((resource) => resource.body.statements);
  const merged = mergeStatements(existing, ours);
  const sids = new Set(ours.map(({ Sid }) => Sid));
  const foreign = existing ? statementsOf(existing).filter(({ Sid }) => !Sid || !sids.has(Sid)) : [];
  return [
    ...sizeFindings(first, merged),
    ...danglingPrincipals(foreign).map(({ statement, principal }) =>
      about(first, {
        id: "policy.dangling-principal",
        severity: "error",
        title: "A statement names a principal that was deleted",
        detail: `"${statement}" in the policy of ${body.resourceArn} names ${principal}. AWS accepts no change to the policy until it is gone.`,
        nextStep:
          "Ask the resource's owner to remove or mend that statement; Drawbridge never drops what others wrote.",
      }),
    ),
    ...(existing ? denyFindings(first, existing, group) : []),
  ];
}

function sizeFindings(resource: Statements, merged: PolicyDocument): PreflightFinding[] {
  const limit = limits[resource.body.service];
  if (!limit) return [];
  const bytes = Buffer.byteLength(JSON.stringify(merged));
  const count = statementsOf(merged).length;
  const finding = (id: string, detail: string) =>
    about(resource, {
      id,
      severity: "error",
      title: "The resource's policy has no room for this grant",
      detail,
      nextStep:
        "Choose a role in the target account instead (auto does), or remove statements that are no longer used.",
    });
  return [
    ...(bytes > limit.bytes
      ? [finding("quota.policy-size", `${bytes} of ${limit.bytes} bytes after merging.`)]
      : []),
    ...(limit.statements !== undefined && count > limit.statements
      ? [finding("quota.policy-statements", `${count} of ${limit.statements} statements after merging.`)]
      : []),
  ];
}

/**
 * Deny statements of others that match what our statements allow. Asked of the evaluator with a context that knows
 * the caller and TLS only: a Deny on further keys (VPC endpoint, organisation) counts as one that may hit.
 */
function denyFindings(first: Statements, existing: PolicyDocument, group: Statements[]): PreflightFinding[] {
  const hits = new Set<string>();
  for (const statement of group.flatMap(({ body }) => body.statements)) {
    const { Principal: principal } = statement;
    const roles = typeof principal === "object" ? listOf(principal.AWS) : [];
    for (const roleArn of roles) {
      for (const action of listOf(statement.Action)) {
        for (const resource of listOf(statement.Resource)) {
          for (const name of deniedBy(first, existing, roleArn, action, resource)) hits.add(name);
        }
      }
    }
  }
  return [...hits].map((name) =>
    about(first, {
      id: "policy.deny",
      severity: "warning",
      title: "A Deny in the resource's policy may undo this grant",
      detail: `"${name}" in the policy of ${first.body.resourceArn} denies what the grant allows, at least under some conditions.`,
      nextStep:
        "Ask the resource's owner whether the Deny is meant for this workload; an explicit Deny always wins.",
    }),
  );
}

/** The names of the Deny statements that match; a wildcard in `resource` stands for one object. */
function deniedBy(
  first: Statements,
  document: PolicyDocument,
  roleArn: string,
  action: string,
  resource: string,
): string[] {
  const accountId = roleArn.split(":")[4] ?? "";
  const sessionArn = `arn:${roleArn.split(":")[1]}:sts::${accountId}:assumed-role/${roleArn.split("/").at(-1)}/preflight`;
  const principal = {
    kind: "role-session" as const,
    roleArn,
    roleId: "AROAPREFLIGHT",
    sessionArn,
    accountId,
  };
  const decision = evaluate(
    {
      principal,
      action,
      resource: resource.replaceAll("*", "example"),
      resourceAccount: first.accountId,
      context: {
        ...principalContext(principal),
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": first.accountId,
      },
    },
    { identity: [], resource: { name: first.body.resourceArn, document } },
  );
  return decision.trace
    .filter(({ effect, matched }) => effect === "Deny" && matched)
    .map(({ sid, index }) => sid ?? `statement ${index + 1}`);
}
