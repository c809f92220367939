import type { AuditContext } from "#lib/db/audit.ts";
import type { AuditEntry } from "#lib/model/audit-event.ts";
import type { Random } from "./random.ts";

/** Any event of history, with everything that a row can hold and can leave out. */
export function entryFor(random: Random): { entry: AuditEntry; context: Omit<AuditContext, "at"> } {
  const number = 1 + random.below(900);
  const version = 1 + random.below(4);
  const target = `arn:aws:s3:::reports-${number}`;
  const key = `arn:aws:iam::111122223333:role/drawbridge/test/db-pay-api-${number}`;
  const entry = random.pick<AuditEntry>([
    { type: "person.signed-in", data: { provider: "oidc" } },
    { type: "person.signed-out", data: {} },
    {
      type: "request.submitted",
      data: {
        number,
        version,
        digest: hex(random, 64),
        title: `Read “${target}” – für Zoë's 日本 <job> \\ ${number}`,
      },
    },
    {
      type: "request.reviewed",
      data: {
        ...{ number, version, digest: hex(random, 64), decision: "approve", comment: "Fine\nwith me.\t😀" },
        ...{
          requirements: ["account:111122223333", "account:444455556666"],
          risk: "high",
          confirmed: "data",
        },
      },
    },
    { type: "grant.active", data: { target } },
    { type: "grant.drifted", data: { target, findings: ["Its policy was deleted.", "Its trust is wider."] } },
    { type: "run.started", data: { kind: "provision", worker: `worker-${number}`, steps: version } },
    { type: "run.succeeded", data: { kind: "provision", durationMs: random.below(100_000) } },
    { type: "step.intended", data: { key, verb: "create" } },
    {
      type: "step.succeeded",
      data: { key, verb: "create", outcome: "created", awsRequestIds: [uuid(random), uuid(random)] },
    },
    { type: "cluster.namespace-owner-set", data: { cluster: "eu/main", namespace: "pay", group: null } },
  ]);
  const maybe = <T>(value: T) => (random.below(3) === 0 ? null : value);
  return {
    entry,
    context: {
      actor: maybe({ id: uuid(random), name: random.pick(["Dana", "Priya O'Neil", "Ömer"]) }),
      requestId: maybe(uuid(random)),
      grantId: maybe(`g${hex(random, 11)}`),
      runId: maybe(uuid(random)),
      accountIds: random.sample(["111122223333", "444455556666", "777788889999"], random.below(4)),
      // Begins with a letter, so that it has an upper case.
      correlationId: `c${uuid(random)}`,
    },
  };
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random.below(16).toString(16)).join("");
}

function uuid(random: Random): string {
  const text = hex(random, 32);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    "-",
  );
}
