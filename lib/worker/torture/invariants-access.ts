import { workloadAccess } from "#lib/desired/workload-access.ts";
import { findAccount } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { workloadKey, workloadSubject } from "#lib/model/workload.ts";
import { type CallerPrincipal, evaluate } from "#lib/policy/evaluate.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { ourRoles, policiesOf } from "./invariants-aws.ts";
import type { RoleDump, View } from "./view.ts";

/** What the documents that stand in AWS amount to, by the evaluator. */

/** 8: every trust names one workload, one role or the agent with all three tags, and nothing by a pattern. */
export function trusts(view: View): string[] {
  return ourRoles(view).flatMap(([arn, { trust }]) =>
    statementsOf(trust).flatMap((statement) =>
      trustFaults(view, statement).map((fault) => `trust of ${arn}: ${fault}`),
    ),
  );
}

function trustFaults(view: View, statement: Statement): string[] {
  const { Principal: principal, Condition: condition = {}, Effect: effect } = statement;
  if (effect !== "Allow") return [];
  if (principal === undefined || principal === "*") return ["anybody"];
  const equals = condition.StringEquals ?? {};
  const wrong = Object.keys(condition)
    .filter((operator) => operator !== "StringEquals" && operator !== "ForAllValues:StringEquals")
    .map((operator) => `operator ${operator}`);
  const one = (key: string) => {
    const values = listOf(equals[key]);
    return values.length === 1 && !/[*?]/.test(String(values[0])) ? String(values[0]) : undefined;
  };
  const subjects = view.grants.map(({ spec }) => workloadSubject(spec.workload));
  for (const provider of listOf(principal.Federated)) {
    const issuer = provider.split(":oidc-provider/")[1] ?? "";
    if (one(`${issuer}:aud`) !== "sts.amazonaws.com") wrong.push("aud");
    if (!subjects.includes(one(`${issuer}:sub`) ?? "")) wrong.push("sub");
  }
  for (const service of listOf(principal.Service)) {
    if (service !== "pods.eks.amazonaws.com") wrong.push(`service ${service}`);
    for (const tag of ["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"])
      if (one(`aws:RequestTag/${tag}`) === undefined) wrong.push(`tag ${tag}`);
  }
  const named = listOf(principal.AWS);
  if (named.length > 1 || named.some((arn) => !/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(arn)))
    wrong.push(`principal ${named.join(", ")}`);
  // AssumeRole by a role takes an ExternalId; TagSession has no such key (STS API reference).
  if (named.length > 0 && listOf(statement.Action).includes("sts:AssumeRole") && !one("sts:ExternalId")) {
    if (!one("aws:RequestTag/kubernetes-service-account")) wrong.push("neither ExternalId nor tags");
  }
  return wrong;
}

interface Session {
  arn: string;
  accountId: string;
  role: RoleDump;
}

/** The session that a grant's pods use: the profile's role, or what they become at first. */
function sessionOf(view: View, grant: Grant): Session | undefined {
  const siblings = view.grants
    .filter(({ wanted, spec }) => wanted && workloadKey(spec.workload) === workloadKey(grant.workload))
    .map(({ spec }) => spec);
  const access = workloadAccess(siblings, view.estate);
  const own = access.grants.find((one) => one.grant.id === grant.id);
  const profile = access.profiles.find(({ name }) => name === own?.profile);
  const chained = access.profiles.find(({ isDefault }) => isDefault);
  const arn = profile?.roleArn ?? (own?.profile === null ? chained?.roleArn : undefined) ?? access.roleArn;
  const role = Object.fromEntries(ourRoles(view))[arn];
  return role && { arn, accountId: arn.split(":")[4] ?? "", role };
}

function may(
  view: View,
  session: Session,
  action: string,
  resource: string,
  at: string,
  account: string,
): boolean {
  const { arn, accountId, role } = session;
  const principal: CallerPrincipal = {
    kind: "role-session",
    roleArn: arn,
    roleId: "AROAEXAMPLE000000001",
    sessionArn: `arn:aws:sts::${accountId}:assumed-role/${arn.split("/").at(-1)}/pod`,
    accountId,
  };
  const home = findAccount(view.estate, accountId);
  const policy = policyOf(view, resource);
  const prefix = resource.includes(":s3:::") ? resource.split("/").slice(1).join("/") : "";
  const context = {
    ...principalContext(principal),
    "aws:CurrentTime": at,
    "aws:SecureTransport": "true",
    "aws:ResourceAccount": account,
    ...(action === "s3:ListBucket" ? { "s3:prefix": prefix } : {}),
  };
  const of = action === "s3:ListBucket" ? (resource.split("/")[0] ?? resource) : resource;
  return (
    evaluate(
      { principal, action, resource: of, resourceAccount: account, context },
      {
        identity: Object.entries(role.inline).map(([name, document]) => ({ name, document })),
        ...(home
          ? { boundary: { name: "boundary", document: boundaryPolicy(home, view.installation) } }
          : {}),
        ...(policy ? { resource: { name: "policy", document: policy } } : {}),
      },
    ).effect === "allow"
  );
}

function policyOf(view: View, resource: string): PolicyDocument | undefined {
  const name = resource.includes(":s3:")
    ? `bucket ${resource.split(":").at(-1)?.split("/")[0]}`
    : `queue ${resource.split(":").at(-1)}`;
  return policiesOf(view.now).get(name);
}

/** What no grant of the tests gives: outside the level, the boundary or the target. */
const beyond = [
  ["s3:PutBucketPolicy", (arn: string) => arn],
  ["sqs:SetQueueAttributes", (arn: string) => arn],
  ["iam:PutRolePolicy", () => "arn:aws:iam::444455556666:role/team-role"],
  ["s3:GetObject", () => "arn:aws:s3:::somebody-elses/key"],
  ["sqs:SendMessage", () => "arn:aws:sqs:eu-west-1:444455556666:somebody-elses"],
] as const;

/** 9: an active grant allows what it says, within the boundary, and nothing beyond. */
export function access(view: View): string[] {
  const now = new Date().toISOString();
  return view.grants
    .filter(({ state, spec }) => state === "active" && !over(spec))
    .flatMap(({ spec }) => {
      const session = sessionOf(view, spec);
      if (!session) return [`${spec.id}: there is no role for it`];
      const { arn, accountId } = spec.target;
      const refused = checksOf(view, spec).filter(
        ({ operation, resource }) => !may(view, session, operation, resource, now, accountId),
      );
      const too = beyond.filter(([action, of]) => may(view, session, action, of(arn), now, accountId));
      return [
        ...refused.map(
          ({ operation, resource }) => `${spec.id} (${spec.pattern}) may not ${operation} ${resource}`,
        ),
        ...too.map(([action]) => `${spec.id} (${spec.pattern}) may ${action}`),
      ];
    });
}

/** 13: after its end date a grant allows nothing, whatever Drawbridge does or does not. */
export function expiry(view: View): string[] {
  return view.grants
    .filter(({ state, spec }) => state === "active" && spec.expiresAt !== null)
    .flatMap(({ spec }) => {
      const session = sessionOf(view, spec);
      const after = new Date(Date.parse(spec.expiresAt ?? "") + 1_000).toISOString();
      return checksOf(view, spec)
        .filter(
          ({ operation, resource }) =>
            session && may(view, session, operation, resource, after, spec.target.accountId),
        )
        .filter(() => aloneOnTarget(view, spec))
        .map(({ operation }) => `${spec.id} (${spec.pattern}) may ${operation} after its end`);
    });
}

function checksOf(view: View, grant: Grant) {
  const [own] = workloadAccess([grant], view.estate).grants;
  return own?.checks ?? [];
}

function over({ expiresAt }: Grant): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

/** Another grant of the workload that ends later may allow the same. */
function aloneOnTarget(view: View, grant: Grant): boolean {
  return !view.grants.some(
    ({ spec, wanted }) =>
      wanted &&
      spec.id !== grant.id &&
      spec.target.arn === grant.target.arn &&
      workloadKey(spec.workload) === workloadKey(grant.workload),
  );
}
