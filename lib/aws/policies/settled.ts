import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { sidPrefixOfKey } from "#lib/model/resource-key.ts";
import { shows, type Written } from "#lib/policy/written.ts";
import { NotSettledError } from "../errors.ts";

/**
 * Whether a policy was read as it was before a write of ours: what is made of it would undo that write (SQS API,
 * SetQueueAttributes: up to 60 seconds; S3 shows changes of bucket policies late too).
 *
 * @param written what steps of ours have made of the policy a moment ago
 * @param idle nothing is to be done about the resource by what was read. That its own statements are not as they were
 *   written last is a reason to doubt only then: else they are made so, or go.
 * @returns the error to throw, which waiting helps
 */
export function unsettled(
  { key, body }: CloudResource<"resource-policy-statements">,
  document: PolicyDocument | undefined,
  written: readonly Written[],
  idle: boolean,
): NotSettledError | undefined {
  const own = sidPrefixOfKey(key);
  if (written.every((one) => shows(document, one) || (one.sidPrefix === own && !idle))) return undefined;
  return new NotSettledError(
    `The policy of ${body.resourceArn} does not show what Drawbridge has written a moment ago: it may be shown as it was before, so nothing was changed.`,
  );
}
