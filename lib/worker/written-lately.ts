import { unsettled } from "#lib/aws/policies/settled.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { sidMarker, sidPrefixOfKey, statementsKey } from "#lib/model/resource-key.ts";
import type { Written } from "#lib/policy/written.ts";
import { AwsFailure } from "./aws-attempt.ts";
import type { RunContext } from "./run-context.ts";

/** A step that has set out to write the policy. */
interface Writing {
  resource: CloudResource<"resource-policy-statements">;
  /** It is known to have come to its end. Else it may have had its effect or not. */
  ended: boolean;
  /** It takes the statements out. */
  removes: boolean;
}

/**
 * What steps of any run have made of a shared policy so lately that AWS may still show it as it was before. Asked with
 * the policy's lock held, so that none is added meanwhile.
 *
 * Of what was last known, and all that was tried since, one is there. Where nothing was known to begin with, anything
 * may be: whoever left that unfinished looks at it again.
 *
 * @param except a step that is known to have written nothing; null: there is none
 */
export async function writtenLately(
  { deps }: RunContext,
  { kind, body }: CloudResource,
  except: string | null,
): Promise<Written[]> {
  if (kind !== "resource-policy-statements") return [];
  const { resourceArn } = body;
  const begins = statementsKey(resourceArn, sidMarker).replaceAll(/[\\%_]/g, "\\$&");
  // What was found as it should be was written when that was begun, if at all.
  const steps = await deps.prisma.$queryRaw<Writing[]>`
    SELECT s."resource", s."state" = 'succeeded' AND s."outcome" <> 'kept' AS "ended",
      s."verb" = 'delete' OR r."kind" = 'revoke' AS "removes"
    FROM "Step" s JOIN "Run" r ON r."id" = s."runId",
      LATERAL (SELECT CASE WHEN s."outcome" = 'unchanged' THEN s."startedAt"
        ELSE coalesce(s."finishedAt", s."startedAt") END AS "at") w
    WHERE s."key" LIKE ${`${begins}%`} AND s."startedAt" IS NOT NULL AND s."id" IS DISTINCT FROM ${except}::uuid
      AND w."at" > clock_timestamp() - make_interval(secs => ${deps.timing.settledAfterMs}::float8 / 1000)
    ORDER BY w."at"`;
  const written = new Map<string, Written>();
  for (const { resource, ended, removes } of steps) {
    const sidPrefix = sidPrefixOfKey(resource.key) ?? "";
    const form = removes ? [] : resource.body.statements;
    if (ended) written.set(sidPrefix, { sidPrefix, forms: [form] });
    else written.get(sidPrefix)?.forms.push(form);
  }
  return [...written.values()];
}

/**
 * @param idle nothing is to be done by what was seen
 * @throws AwsFailure that waiting may help: what was seen is older than that
 */
export function refuseUnsettled(
  resource: CloudResource,
  observed: Observed,
  written: readonly Written[],
  idle: boolean,
): void {
  // Where there is no such bucket or queue, there is no policy to be late.
  if (resource.kind !== "resource-policy-statements" || observed.conflict !== undefined) return;
  const late = unsettled(resource, observed.surrounding, written, idle);
  if (late) throw new AwsFailure(late);
}
