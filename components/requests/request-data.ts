import type { Refusal } from "#lib/model/refusal.ts";

export type PersonData = { id: string; name: string; email: string };

/** What a server action answers. */
export type ActionResult = { ok: true } | { ok: false; refusals: Refusal[] };

export type Decision = "approve" | "request_changes" | "reject";
