"use server";

import { redirect } from "next/navigation";
import { completed, partialSubmissionSchema } from "#components/request-form/placeholders.ts";
import type { PartialSubmission } from "#components/request-form/submission.ts";
import type { PreviewResult, SubmitResult, TargetOption } from "#components/request-form/types.ts";
import { currentActor } from "#lib/auth/actor.ts";
import { type Limit, limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import { searchTargets } from "#lib/db/queries/form-options.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import type { Submission } from "#lib/model/submission.ts";
import { previewRequest } from "#lib/usecases/preview-request.ts";
import { reviseRequest } from "#lib/usecases/revise-request.ts";
import { submitRequest } from "#lib/usecases/submit-request.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { previewData } from "./preview-data.ts";

/** Anyone can call an action: each one asks who does, from where and how often. */
async function admittedActor(limit: Limit): Promise<Outcome<Actor>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await currentActor();
  // Not a redirect to the sign-in page: it would take a half-written form from under its author's hands.
  if (!actor) return refused(signedOut);
  const limited = await limitRequest(limit, actor.id);
  return limited.ok ? accepted(actor) : limited;
}

const signedOut = refusal(
  "signed-out",
  "",
  "Your session has ended.",
  "Sign in again in another tab and come back: what you typed is kept.",
);

/** The form as far as it is typed → what it would do. Writes nothing and does not wait for AWS. */
export async function previewAction(input: PartialSubmission): Promise<PreviewResult> {
  return previewOf(input, undefined);
}

/** The same for another form of a live grant. */
export async function previewChangeAction(grantId: string, input: PartialSubmission): Promise<PreviewResult> {
  return previewOf(input, grantId);
}

async function previewOf(input: PartialSubmission, grantId: string | undefined): Promise<PreviewResult> {
  const outcome = await preview(input, grantId);
  if (outcome.ok) return outcome;
  const [problem] = outcome.refusals;
  return { ok: false, problem: problem ?? unreadable };
}

const unreadable = refusal(
  "input",
  "",
  "The portal could not read this form.",
  "Reload the page; your draft is kept.",
);

async function preview(input: unknown, grantId: string | undefined) {
  const actor = await admittedActor("preview");
  if (!actor.ok) return actor;
  const typed = partialSubmissionSchema.safeParse(input);
  if (!typed.success) return refused<never>(unreadable);
  const asked = completed(typed.data);
  const outcome = await previewRequest(webDeps(), actor.value, { ...asked, ...(grantId ? { grantId } : {}) });
  return outcome.ok ? accepted(previewData(outcome.value, typed.data, asked)) : outcome;
}

/** More targets of the inventory than the page was sent with. */
export async function searchTargetsAction(text: string): Promise<TargetOption[]> {
  const actor = await admittedActor("preview");
  return actor.ok ? searchTargets(webDeps(), actor.value, { text: String(text) }) : [];
}

export async function submitAction(submission: Submission, idempotencyKey: string): Promise<SubmitResult> {
  return submit({ ...submission, idempotencyKey });
}

/** Asks for another form of a live grant. */
export async function submitChangeAction(
  grantId: string,
  submission: Submission,
  idempotencyKey: string,
): Promise<SubmitResult> {
  return submit({ ...submission, grantId, idempotencyKey });
}

async function submit(input: unknown): Promise<SubmitResult> {
  const actor = await admittedActor("submit");
  if (!actor.ok) return { ok: false, problems: actor.refusals };
  const outcome = await submitRequest(webDeps(), actor.value, input);
  if (!outcome.ok) return { ok: false, problems: outcome.refusals };
  redirect(`/requests/${outcome.value.number}`);
}

/** @param version the one that the form was filled from */
export async function reviseAction(
  number: number,
  version: number,
  submission: Submission,
): Promise<SubmitResult> {
  const actor = await admittedActor("submit");
  if (!actor.ok) return { ok: false, problems: actor.refusals };
  const outcome = await reviseRequest(webDeps(), actor.value, { ...submission, number, version });
  if (!outcome.ok) return { ok: false, problems: outcome.refusals };
  redirect(`/requests/${outcome.value.number}`);
}
