import { serviceVocabulary } from "#lib/policy/editing/service-vocabulary.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import { admitReader, answer, refuse } from "../../admit.ts";

export const dynamic = "force-dynamic";

/** The actions, resource types and condition keys of one service; 404 if AWS has none of that prefix. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ prefix: string }> },
): Promise<Response> {
  const admitted = await admitReader();
  if (!admitted.ok) return refuse(admitted.refusals);
  const { prefix } = await params;
  const service = /^[a-z0-9-]{1,64}$/.test(prefix) ? serviceVocabulary(prefix, awsMetadata) : null;
  return answer(service ? 200 : 404, service);
}
