import type { Vocabulary } from "#lib/policy/editing/vocabulary.ts";
import { awsGlobalKeys, awsServices } from "#lib/policy/metadata/aws.ts";
import { admitReader, answer, refuse } from "../admit.ts";

export const dynamic = "force-dynamic";

/** All services of AWS by name, and the condition keys that they share: what a policy editor suggests first. */
export async function GET(): Promise<Response> {
  const admitted = await admitReader();
  if (!admitted.ok) return refuse(admitted.refusals);
  return answer(200, { services: awsServices, globalKeys: awsGlobalKeys } satisfies Vocabulary);
}
