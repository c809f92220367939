import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Statement } from "#lib/model/policy-document.ts";
import { type RunningSandbox, startSandbox } from "./server.ts";
import { accountA, accountB, control, estate, issuer, region } from "./test-estate.ts";
import { afterEnd, beforeEnd, keyId, type Setup, type StoredDocument, setups } from "./test-patterns.ts";
import type { Attempt } from "./test-probes.ts";

/**
 * The sandbox decides by the stored documents and nothing else: in a working setup, taking out any statement or
 * any condition of any document must change what somebody may do.
 */
let sandbox: RunningSandbox;
let now = beforeEnd;

beforeAll(async () => {
  sandbox = await startSandbox({ clock: () => now });
});
afterAll(() => sandbox.close());

const documentOf = (statements: Statement[]) => ({ Version: "2012-10-17", Statement: statements });

function seedOf({ documents, wide, associations }: Setup) {
  const stored = [...documents, ...wide];
  const find = (accountId: string, kind: StoredDocument["kind"], name: string) => {
    const found = stored.find((one) => one.accountId === accountId && one.kind === kind && one.name === name);
    return found && documentOf(found.statements);
  };
  const never = documentOf([
    { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  ]);
  const role = (accountId: string, name: string) => {
    const access = find(accountId, "role-policy", name);
    return {
      name,
      path: "/drawbridge/",
      trust: find(accountId, "role-trust", name) ?? never,
      policies: access ? [{ name: "access", document: access }] : [],
    };
  };
  const oidcProviders = [{ issuer, clientIds: ["sts.amazonaws.com", "second.audience"] }];
  return {
    accounts: estate.accounts.map((account) => {
      if (account.id === accountA) {
        const clusters = account.clusters?.map((cluster) => ({
          ...cluster,
          associations: associations
            .filter((one) => one.cluster === cluster.name)
            .map(({ cluster: _, ...association }) => association),
        }));
        return { ...account, clusters, oidcProviders, roles: [role(accountA, "source")] };
      }
      if (account.id !== accountB) return account;
      const policy = find(accountB, "key-policy", keyId);
      const encryption = { algorithm: "aws:kms" as const, kmsKeyId: keyId };
      return {
        ...account,
        oidcProviders,
        roles: [role(accountB, "target")],
        ...(policy && { keys: [{ id: keyId, region, policy }] }),
        buckets: account.buckets?.map((one) => ({
          ...one,
          ...(policy && { encryption }),
          policy: find(accountB, "bucket-policy", one.name) ?? null,
        })),
        queues: account.queues?.map((one) => ({
          ...one,
          ...(policy && { attributes: { KmsMasterKeyId: keyId } }),
          policy: find(accountB, "queue-policy", one.name) ?? null,
        })),
      };
    }),
  };
}

async function run(attempts: Record<string, Attempt> = {}, at = beforeEnd): Promise<Record<string, boolean>> {
  now = at;
  const results: [string, boolean][] = [];
  for (const [name, attempt] of Object.entries(attempts)) results.push([name, await attempt(sandbox.url)]);
  now = beforeEnd;
  return Object.fromEntries(results);
}

async function decisions(setup: Setup) {
  return {
    allowed: await run(setup.allowed),
    denied: await run(setup.denied),
    deniedLate: await run(setup.deniedLate, afterEnd),
  };
}

/** Each document without one of its statements, and without one of its conditions. */
function breakages(setup: Setup): { what: string; document: StoredDocument; statements: Statement[] }[] {
  return setup.documents.flatMap((document) =>
    document.statements.flatMap((statement, index) => {
      const where = `${document.kind} of ${document.name}, statement ${index + 1}`;
      const whole = { what: where, document, statements: document.statements.toSpliced(index, 1) };
      const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => ({
          what: `${where}, ${operator} ${key}`,
          document,
          statements: document.statements.with(index, withoutCondition(statement, operator, key)),
        })),
      );
      return [whole, ...conditions];
    }),
  );
}

function withoutCondition(statement: Statement, operator: string, key: string): Statement {
  const { [key]: _, ...keys } = statement.Condition?.[operator] ?? {};
  const { [operator]: __, ...operators } = statement.Condition ?? {};
  const Condition = Object.keys(keys).length > 0 ? { ...operators, [operator]: keys } : operators;
  const { Condition: ___, ...bare } = statement;
  return Object.keys(Condition).length > 0 ? { ...bare, Condition } : bare;
}

async function store({ accountId, kind, name, policyName }: StoredDocument, statements: Statement[]) {
  await control(sandbox.url, "mutate", {
    accountId,
    kind,
    name,
    policyName,
    document: documentOf(statements),
  });
}

describe.each(setups)("$name", (setup) => {
  /** Of the setup as it is; each test begins with it. */
  let whole: Awaited<ReturnType<typeof decisions>>;
  beforeEach(async () => {
    now = beforeEnd;
    await control(sandbox.url, "reset", {});
    await control(sandbox.url, "seed", seedOf(setup));
  });

  it("lets the workload in, and nobody else", async () => {
    whole = await decisions(setup);
    const { allowed, denied, deniedLate } = whole;
    expect(Object.entries(allowed).filter(([, was]) => !was)).toEqual([]);
    expect(Object.entries({ ...denied, ...deniedLate }).filter(([, was]) => was)).toEqual([]);
  });

  it.each(breakages(setup))("changes without $what", async ({ document, statements }) => {
    whole ??= await decisions(setup);
    await store(document, statements);
    expect(await decisions(setup)).not.toEqual(whole);
  });
});
