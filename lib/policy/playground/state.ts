import { z } from "zod";
import { MAX_POLICY_LENGTH } from "../findings/json-source.ts";
import { checkKinds } from "../findings/kinds.ts";

/** What somebody has in the playground: policies as they are typed, and a request. Read from links, so with caps. */

const MAX_DOCUMENTS = 12;
const MAX_ROWS = 40;
const line = z.string().max(2_048);

export const callerKinds = ["role", "user", "web-identity", "service", "root", "anonymous"] as const;
export type CallerKind = (typeof callerKinds)[number];

/** What is known of a condition key: it has this value, it is not in the request, or nobody here can say. */
const rowStates = ["is", "absent", "unknown"] as const;
export type RowState = (typeof rowStates)[number];

const contextRowSchema = z.strictObject({ key: line, state: z.enum(rowStates), value: line });
/** Rows of one key are the values of a multi-valued key. */
export type ContextRow = z.infer<typeof contextRowSchema>;

const questionSchema = z.strictObject({
  caller: z.strictObject({
    kind: z.enum(callerKinds),
    /** ARN of the role, user, account or identity provider; name of the service. */
    name: line,
    /** Of a role: the session's name. */
    session: line,
  }),
  action: line,
  resource: line,
  /** Empty: the account in the resource's ARN. */
  resourceAccount: line,
  context: z.array(contextRowSchema).max(MAX_ROWS),
  /** What is taken of keys that no row names. */
  others: z.enum(["absent", "unknown"]),
});
/** Who asks to do what, as typed. */
export type PlaygroundQuestion = z.infer<typeof questionSchema>;

/** A policy of AWS, or the Kubernetes manifest that names a role. */
export const playgroundKinds = [...checkKinds, "service-account"] as const;
export type PlaygroundKind = (typeof playgroundKinds)[number];

const documentSchema = z.strictObject({
  kind: z.enum(playgroundKinds),
  text: z.string().max(MAX_POLICY_LENGTH),
});
/** One document as typed. */
export type PlaygroundDocument = z.infer<typeof documentSchema>;

export const playgroundSchema = z.strictObject({
  documents: z.array(documentSchema).max(MAX_DOCUMENTS),
  question: questionSchema,
});
export type PlaygroundState = z.infer<typeof playgroundSchema>;

export const emptyQuestion: PlaygroundQuestion = {
  caller: { kind: "role", name: "", session: "" },
  action: "",
  resource: "",
  resourceAccount: "",
  context: [],
  others: "unknown",
};

export const emptyPlayground: PlaygroundState = { documents: [], question: emptyQuestion };

const kindNames: Record<PlaygroundKind, string> = {
  identity: "identity policy",
  trust: "trust policy",
  resource: "resource policy",
  boundary: "permissions boundary",
  session: "session policy",
  scp: "service control policy",
  rcp: "resource control policy",
  "service-account": "service account",
};

/** `the identity policy`, and of several `identity policy 2`; one name a document. */
export function documentNames(documents: readonly PlaygroundDocument[]): string[] {
  const counts = new Map<PlaygroundKind, number>();
  return documents.map(({ kind }) => {
    const nth = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, nth);
    return nth === 1 ? `the ${kindNames[kind]}` : `${kindNames[kind]} ${nth}`;
  });
}

/** Of these there can be one: a role has one boundary, and what is asked for has one policy. */
export function mayAdd(kind: PlaygroundKind, documents: readonly PlaygroundDocument[]): boolean {
  if (documents.length >= MAX_DOCUMENTS) return false;
  const has = (...kinds: PlaygroundKind[]) => documents.some((document) => kinds.includes(document.kind));
  if (kind === "boundary") return !has("boundary");
  return kind === "trust" || kind === "resource" ? !has("trust", "resource") : true;
}

/** Whether a text is the manifest of a service account, and so no policy: by what such a manifest alone has. */
export function looksLikeServiceAccount(text: string): boolean {
  return !/^\s*[{[]/.test(text) && /\bkind:\s*["']?ServiceAccount\b|eks\.amazonaws\.com\/role-arn/.test(text);
}
