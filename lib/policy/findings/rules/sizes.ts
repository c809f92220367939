import type { FindingId } from "../catalogue.ts";
import type { CheckContext } from "../context.ts";
import type { CheckKind } from "../kinds.ts";

/** Characters without white space, as IAM counts. Source: IAM User Guide, "IAM and AWS STS quotas"; defaults. */
const limits: Partial<Record<CheckKind, { id: FindingId; most: number }>> = {
  trust: { id: "size.trust", most: 2_048 },
  identity: { id: "size.identity", most: 6_144 },
  boundary: { id: "size.identity", most: 6_144 },
  session: { id: "size.session", most: 2_048 },
  scp: { id: "size.organization", most: 10_240 },
  rcp: { id: "size.organization", most: 5_120 },
};

/** What a service stores of a resource's policy, each by its own documentation. */
const services: Record<string, { bytes: number; statements?: number; actions?: number }> = {
  s3: { bytes: 20_480 },
  sqs: { bytes: 8_192, statements: 20, actions: 7 },
  sns: { bytes: 30_720, statements: 100 },
  kms: { bytes: 32_768 },
  secretsmanager: { bytes: 20_480 },
  dynamodb: { bytes: 20_480 },
  lambda: { bytes: 20_480 },
};

/** Sizes and counts of one document by itself. */
export function checkSizes({ kind, service, document, statements, report }: CheckContext): void {
  const size = JSON.stringify(document).length;
  const own = limits[kind];
  if (own && size > own.most) report(own.id, [], `The document has ${size} characters of ${own.most}.`);
  const quota = kind === "resource" && service !== undefined ? services[service] : undefined;
  if (quota === undefined) return;
  if (size > quota.bytes)
    report("size.resource", [], `The document has ${size} characters of ${quota.bytes}.`);
  if (quota.statements !== undefined && statements.length > quota.statements) {
    report(
      "size.statements",
      ["Statement"],
      `The document has ${statements.length} statements of ${quota.statements}.`,
    );
  }
  for (const { actions, actionElement, path } of statements) {
    if (quota.actions === undefined || actions.length <= quota.actions) continue;
    const detail = `The statement has ${actions.length} actions of ${quota.actions}.`;
    report("size.statement-actions", [...path, actionElement], detail);
  }
}
