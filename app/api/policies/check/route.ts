import { z } from "zod";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import { refusal } from "#lib/model/refusal.ts";
import { toldDocument, toldServiceAccount } from "#lib/policy/editing/told-document.ts";
import { MAX_POLICY_LENGTH } from "#lib/policy/findings/json-source.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import { playgroundKinds } from "#lib/policy/playground/state.ts";
import { readUpTo } from "../../read-up-to.ts";
import { admitReader, answer, refuse } from "../admit.ts";

export const dynamic = "force-dynamic";

const bodySchema = z.strictObject({
  kind: z.enum(playgroundKinds),
  text: z.string().max(MAX_POLICY_LENGTH),
  /** Where it hangs, if that is known. */
  accountId: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  service: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional(),
});

/** The findings of one policy or manifest and its statements in plain English. Nothing of it is stored. */
export async function POST(request: Request): Promise<Response> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return refuse(origin.refusals);
  const admitted = await admitReader();
  if (!admitted.ok) return refuse(admitted.refusals);
  const body = bodySchema.safeParse(await readJson(request));
  if (!body.success) return refuse([unreadable]);
  const { kind, text, accountId, service } = body.data;
  if (kind === "service-account") return answer(200, toldServiceAccount(text));
  const told = toldDocument(text, {
    kind,
    metadata: awsMetadata,
    now: new Date(),
    ...(accountId ? { accountId } : {}),
    ...(service ? { service } : {}),
  });
  return answer(200, told);
}

/** The longest text, each character escaped. */
const maxBytes = 256 * 1024;

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readUpTo(request.body, maxBytes);
  try {
    return bytes && JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const unreadable = refusal(
  "policy.unreadable",
  "",
  "The portal could not read this policy.",
  `Send its kind and its text, of at most ${MAX_POLICY_LENGTH} characters.`,
);
