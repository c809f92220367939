import type { CheckOptions } from "../findings/check-policy.ts";
import { accountOf } from "../principals.ts";
import { readCaller } from "./caller.ts";
import type { PlaygroundDocument, PlaygroundQuestion } from "./state.ts";

/** Where a document hangs, as far as the request says: some of its findings depend on it. */
export type Whereabouts = Pick<CheckOptions, "accountId" | "service">;

/** Policies of the caller are in the caller's account, the resource's own policies in that of the resource. */
export function whereaboutsOf(kind: PlaygroundDocument["kind"], question: PlaygroundQuestion): Whereabouts {
  const [, , service = "", , owner = ""] = question.resource.trim().split(":");
  const ofResource = kind === "trust" || kind === "resource" || kind === "rcp";
  const read = readCaller(question.caller);
  const account = ofResource
    ? question.resourceAccount.trim() || owner
    : read.ok
      ? (accountOf(read.caller) ?? "")
      : "";
  return {
    ...(/^\d{12}$/.test(account) ? { accountId: account } : {}),
    ...(kind === "resource" && /^[a-z0-9-]{1,64}$/.test(service) ? { service } : {}),
  };
}
