import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { danglingPrincipals, deadStatements } from "#lib/policy/dangling.ts";
import { mergeStatements } from "#lib/policy/merge.ts";
import { policyStore } from "../policies/store.ts";
import { denyFindings } from "./denials.ts";
import {
  about,
  each,
  ofKind,
  orUnknown,
  type PreflightContext,
  type PreflightFinding,
  type PreflightTarget,
} from "./finding.ts";
import { checkBucket } from "./s3.ts";
import { checkQueue } from "./sqs.ts";

type Statements = CloudResource<"resource-policy-statements">;

/** Source: S3 and SQS quotas. Bytes of UTF-8 as sent; statements a policy. */
const limits: Record<string, { bytes: number; statements?: number }> = {
  s3: { bytes: 20_480 },
  sqs: { bytes: 8_192, statements: 20 },
};

/** A target and the statements that its policy is to carry; without any, a role in its account reaches it. */
export interface CheckedTarget extends PreflightTarget {
  kind: "target";
  key: string;
  statements: Statements[];
}

/** What else a service's targets need a look at. */
const serviceChecks: Record<
  string,
  (context: PreflightContext, target: CheckedTarget) => Promise<PreflightFinding[]>
> = { s3: checkBucket, sqs: checkQueue };

/** After these there is no policy to look at. */
const unreachable = new Set(["bucket.missing", "bucket.not-owned", "queue.missing"]);

/** Everything about the targets: whether they are there, the keys behind them, and what their policies say. */
export function checkTargets(context: PreflightContext): Promise<PreflightFinding[]> {
  const all = ofKind(context.resources, "resource-policy-statements");
  const places = new Map<string, PreflightTarget>(context.targets.map((target) => [target.arn, target]));
  for (const { accountId, region, body } of all) {
    const { resourceArn: arn, service } = body;
    if (!places.has(arn)) places.set(arn, { arn, accountId, region, service });
  }
  return each(places.values(), async (place) => {
    const statements = all.filter(({ body }) => body.resourceArn === place.arn);
    const key = statements[0]?.key ?? place.arn;
    const target: CheckedTarget = { ...place, kind: "target", key, statements };
    const more = serviceChecks[target.service];
    const [found, policy] = await Promise.all([
      more ? more(context, target) : [],
      orUnknown(context, target, "the resource's policy", () => checkDocument(context, target)),
    ]);
    return found.some(({ id }) => unreachable.has(id)) ? found : [...found, ...policy];
  });
}

async function checkDocument(context: PreflightContext, target: CheckedTarget): Promise<PreflightFinding[]> {
  const existing = await policyOf(context, target);
  const ours = target.statements.flatMap((resource) => resource.body.statements);
  const denials = existing ? denyFindings(context, target, existing) : [];
  const [first] = target.statements;
  if (!first) return denials;
  const merged = mergeStatements(existing, ours);
  const sids = new Set(ours.map(({ Sid }) => Sid));
  const others = existing ? statementsOf(existing).filter(({ Sid }) => !Sid || !sids.has(Sid)) : [];
  // What is dead of other grants of ours goes with the first change.
  const dead = deadStatements(others);
  const known = await context.knownGrants(dead.map(({ grantId }) => grantId));
  const going = new Set(dead.flatMap(({ statement, grantId }) => (known.has(grantId) ? [statement] : [])));
  const foreign = others.filter((one) => !going.has(one));
  return [
    ...sizeFindings(first, { ...merged, Statement: statementsOf(merged).filter((one) => !going.has(one)) }),
    ...danglingPrincipals(foreign).map(({ statement, principal }) =>
      about(first, {
        id: "policy.dangling-principal",
        severity: "error",
        title: "A statement names a principal that was deleted",
        detail: `"${statement}" in the policy of ${target.arn} names ${principal}. AWS accepts no change to the policy until it is gone.`,
        nextStep:
          "Ask the resource's owner to remove or mend that statement; Drawbridge never drops what others wrote.",
      }),
    ),
    ...denials,
  ];
}

/** The whole policy, as it was seen with our statements or, where there are none, read for itself. */
async function policyOf(
  { clients, look }: PreflightContext,
  { arn, accountId, region, service, statements: [first] }: CheckedTarget,
): Promise<PolicyDocument | undefined> {
  if (first) return (await look(first)).surrounding;
  return policyStore(clients, service, { arn, accountId, region }).read();
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
