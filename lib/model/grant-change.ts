import { sameAccess } from "./custom-permissions.ts";
import { type Grant, grantIdSchema } from "./grant.ts";

/** What a request asks for: new grants, a later end date of a live one, or another form of a live one. */
export type RequestKind = "create" | "renew" | "change";

/** A form that is about a live grant names it; one without asks for new grants. */
export const changedGrantIdSchema = grantIdSchema.optional();

/** What a run does to live grants: carries a change out, or undoes one. */
export type GrantChangeWord = Exclude<RequestKind, "create"> | "roll-back";

/**
 * What a run does to its live grants, in a word. Null: its grants are new.
 *
 * @param request that the run rests on
 * @param from as in the run's authorisation: whence it leads
 */
export function changeWord(
  request: { kind: string; baseRequestId: string | null },
  from: readonly string[] | undefined,
): GrantChangeWord | null {
  if (!from) return null;
  if (request.baseRequestId !== from[0]) return "roll-back";
  return request.kind === "renew" ? "renew" : "change";
}

type Changeable = Pick<Grant, "level" | "subResource" | "expiresAt"> & {
  custom?: Grant["custom"] | undefined;
};

/** What of a grant may change: everything else is what the grant is, and so a new request. */
const changeableFields = ["level", "subResource", "expiresAt"] as const;

export type ChangeableField = (typeof changeableFields)[number];

/** The fields in which the two forms differ; what a custom level consists of counts as the level. */
export function changedFields(before: Changeable, after: Changeable): ChangeableField[] {
  return changeableFields.filter((field) =>
    field === "level" ? !sameAccess(before, after) : before[field] !== after[field],
  );
}

/** A renewal is a later end date, or none any more, and nothing else. Null: nothing differs. */
export function changeKind(before: Changeable, after: Changeable): Exclude<RequestKind, "create"> | null {
  const fields = changedFields(before, after);
  if (fields.length === 0) return null;
  const onlyDate = fields.every((field) => field === "expiresAt");
  return onlyDate && endsLater(before.expiresAt, after.expiresAt) ? "renew" : "change";
}

/** RFC 3339 in UTC, whole seconds: of one length, so text order is the order of time. Null never ends. */
function endsLater(before: string | null, after: string | null): boolean {
  return before !== null && (after === null || after > before);
}
