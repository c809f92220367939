import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";

/** What the sandbox tells of its accounts, as far as it is looked at here (lib/sandbox/dump.ts). */
export type SandboxAccounts = Record<
  string,
  {
    roles: Record<string, { trust: PolicyDocument; inline: Record<string, PolicyDocument> }>;
    buckets: Record<string, { policy?: PolicyDocument | null }>;
    queues: Record<string, { policy?: PolicyDocument | null }>;
  }
>;

/** What the sandbox is told to put in place of a document (lib/sandbox/control.ts). */
export interface Tampering {
  /** What was done, as a sentence. */
  said: string;
  mutation: { accountId: string; kind: string; name: string; policyName?: string; document: PolicyDocument };
}

type Change = (accounts: SandboxAccounts, grantId: string) => Tampering | null;

/** Who has the console of an account can do it; name → what. */
export const changes: Record<string, Change> = {
  /** Whoever fits the principal may take on the role. */
  trust: (accounts, grantId) => {
    const found = roleOf(accounts, grantId);
    if (!found) return null;
    const { accountId, name, trust } = found;
    const Statement = statementsOf(trust).map(({ Condition: _, ...rest }) => rest);
    return {
      said: `The trust policy of the role ${name} has lost its conditions.`,
      mutation: { accountId, kind: "role-trust", name, document: { ...trust, Statement } },
    };
  },
  /** The workload may do nothing any more. */
  permissions: (accounts, grantId) => {
    const found = roleOf(accounts, grantId);
    if (!found) return null;
    const { accountId, name, policyName, permissions } = found;
    return {
      said: `The policy ${policyName} of the role ${name} is empty.`,
      mutation: {
        accountId,
        kind: "role-policy",
        name,
        policyName,
        document: { ...permissions, Statement: [] },
      },
    };
  },
  /** Anybody may do what the workload may. */
  target: (accounts, grantId) => {
    const found = roleOf(accounts, grantId);
    const place = found && targetOf(accounts, found.permissions);
    if (!place) return null;
    const { accountId, kind, name, arn, policy } = place;
    const actions = statementsOf(found.permissions)
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => action.startsWith(`${arn.split(":")[2]}:`));
    const statement: Statement = {
      Sid: "EverybodyFromTheConsole",
      Effect: "Allow",
      Principal: "*",
      Action: [...new Set(actions)],
      Resource: kind === "bucket-policy" ? [arn, `${arn}/*`] : arn,
    };
    const before: PolicyDocument = policy ?? { Version: "2012-10-17", Statement: [] };
    return {
      said: `The policy of ${name} lets in anybody.`,
      mutation: {
        accountId,
        kind,
        name,
        document: { ...before, Statement: [...statementsOf(before), statement] },
      },
    };
  },
};

function roleOf(accounts: SandboxAccounts, grantId: string) {
  const policyName = `grant-${grantId}`;
  for (const [accountId, { roles }] of Object.entries(accounts))
    for (const [arn, { trust, inline }] of Object.entries(roles)) {
      const permissions = inline[policyName];
      if (permissions)
        return { accountId, name: arn.split("/").at(-1) ?? "", trust, policyName, permissions };
    }
  return null;
}

function targetOf(accounts: SandboxAccounts, permissions: PolicyDocument) {
  const arns = statementsOf(permissions).flatMap(({ Resource }) => listOf(Resource));
  for (const [accountId, { buckets, queues }] of Object.entries(accounts))
    for (const arn of arns) {
      const [, , service, , , resource = ""] = arn.split(":");
      const name = resource.split("/")[0] ?? "";
      const bucket = service === "s3" ? buckets[name] : undefined;
      if (bucket)
        return { accountId, kind: "bucket-policy", name, arn: `arn:aws:s3:::${name}`, policy: bucket.policy };
      const queue =
        service === "sqs" && arn.includes(`:${accountId}:`) ? queues[queueKey(queues, name)] : undefined;
      if (queue) return { accountId, kind: "queue-policy", name, arn, policy: queue.policy };
    }
  return null;
}

function queueKey(queues: Record<string, unknown>, name: string): string {
  return Object.keys(queues).find((key) => key === name || key.endsWith(`/${name}`)) ?? "";
}
