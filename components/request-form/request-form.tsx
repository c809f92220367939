"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState, useTransition } from "react";
import { FormProvider, useController, useForm, useFormContext } from "react-hook-form";
import { RefusalLink } from "#components/refusals/refusal-link.tsx";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Section } from "#components/ui/card.tsx";
import { Field } from "#components/ui/field.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Textarea } from "#components/ui/textarea.tsx";
import type { Submission } from "#lib/model/submission.ts";
import { type ChangedAccess, ChangeFacts } from "./change-facts.tsx";
import { ChangedFields } from "./changed-fields.tsx";
import { problemText, RequestFormContext, useFieldError } from "./context.tsx";
import { PreviewPanel } from "./preview-panel.tsx";
import { formSchema } from "./schema.ts";
import { partialSubmission, submissionOf } from "./submission.ts";
import { Targets } from "./targets.tsx";
import type { FormOptions, Problem, SubmitResult } from "./types.ts";
import { useDraft } from "./use-draft.ts";
import { type PreviewAction, usePreview } from "./use-preview.ts";
import { type SearchAction, useTargetSearch } from "./use-target-search.ts";
import type { FormValues } from "./values.ts";
import { WorkloadFields } from "./workload-fields.tsx";

export type RequestFormProps = {
  options: FormOptions;
  /** RFC 3339: when the page was made. */
  now: string;
  initial: FormValues;
  /** Where the draft is kept in the tab: one place a form. */
  draftKey: string;
  submitLabel: string;
  /** The live access that this is another form of. */
  changes?: ChangedAccess | undefined;
  previewAction: PreviewAction;
  searchAction: SearchAction;
  /** It redirects when it worked. */
  submitAction: (submission: Submission, idempotencyKey: string) => Promise<SubmitResult>;
};

const unreachable: Problem = {
  field: "",
  reason: "The portal did not answer.",
  nextStep: "Nothing is lost: send it again. The same request is never made twice.",
};

/** The form on the left, what it would bring about on the right. */
export function RequestForm(props: RequestFormProps) {
  const { now, initial, draftKey, previewAction, searchAction, submitAction, changes = null } = props;
  const [options, search] = useTargetSearch(props.options, searchAction);
  const schema = useMemo(() => formSchema(options), [options]);
  const form = useForm<FormValues>({
    defaultValues: initial,
    resolver: zodResolver(schema),
    mode: "onTouched",
    shouldFocusError: false,
  });
  const [preview, askPreview] = usePreview(previewAction);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [openTarget, setOpenTarget] = useState(0);
  const [submitting, startSubmit] = useTransition();
  const element = useRef<HTMLFormElement>(null);
  /** Counts edits: what the server says of a submission is old news of a form that was edited meanwhile. */
  const edits = useRef(0);
  const draft = useDraft(form, draftKey, initial);

  // No render of the form for a key that is pressed: the fields render themselves, the preview hears of it here.
  useEffect(() => {
    const ask = (values: FormValues) => askPreview(partialSubmission(values, options, Date.now()));
    ask(form.getValues());
    return form.subscribe({
      formState: { values: true },
      callback: ({ values }) => {
        edits.current += 1;
        ask(values);
        setProblems((before) => (before.length === 0 ? before : []));
      },
    });
  }, [form, options, askPreview]);

  /** Unfolds what holds the first mistake, and puts the focus there. */
  function showFirst(target: number | undefined) {
    if (target !== undefined) setOpenTarget(target);
    setTimeout(() => {
      const found = element.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-problem]');
      (found?.matches("[data-problem]")
        ? found.querySelector<HTMLElement>("button:enabled")
        : found
      )?.focus();
    }, 50);
  }

  const ofField = changes ? changedFieldPattern : fieldPattern;
  const isGeneral = ({ field }: Problem) => !ofField.test(field);

  const submit = form.handleSubmit(
    (values) =>
      startSubmit(async () => {
        setProblems([]);
        draft.hold();
        const sent = edits.current;
        const result = await submitAction(
          submissionOf(values, options, Date.now()),
          draft.idempotencyKey(),
        ).catch((error: unknown) => {
          // A redirect is an error to React's router, and the way out of here. The request's page is read from its
          // top: its skeleton is short enough to be in sight from anywhere, so Next would not scroll.
          if (isRedirect(error)) {
            draft.sent();
            window.scrollTo(0, 0);
            throw error;
          }
          return { ok: false as const, problems: [unreachable] };
        });
        if (result?.ok !== false) return;
        draft.release();
        const about = edits.current === sent ? result.problems : result.problems.filter(isGeneral);
        setProblems(about);
        if (edits.current === sent) showFirst(targetOf(about));
      }),
    (errors) => {
      const broken = Array.isArray(errors.grants) ? errors.grants.findIndex(Boolean) : -1;
      showFirst(broken >= 0 ? broken : undefined);
    },
  );

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    if (!submitting) void submit();
  }

  const shared = useMemo(
    () => ({
      options,
      search,
      now: Date.parse(now),
      preview: preview.data,
      problems,
      activeTarget: openTarget,
      changes,
    }),
    [options, search, now, preview.data, problems, openTarget, changes],
  );
  const general = problems.filter(isGeneral);

  return (
    <RequestFormContext value={shared}>
      <FormProvider {...form}>
        <div className="flex flex-col gap-6 xl:grid xl:grid-cols-[minmax(0,29rem)_minmax(0,1fr)] xl:items-start">
          <form
            ref={element}
            noValidate
            aria-label="Request"
            onKeyDown={onKeyDown}
            onSubmit={(event) => void submit(event)}
            className="grid min-w-0 grid-cols-1 gap-4 max-xl:[&_:is(input,textarea,button)]:scroll-mb-20"
          >
            <Section title={changes ? "What it is" : "Workload"}>
              {changes ? <ChangeFacts access={changes} /> : <WorkloadFields />}
            </Section>
            <Section title={changes ? "What is to change" : "Access"}>
              {changes ? (
                <ChangedFields renewal={changes.renewal} />
              ) : (
                <Targets open={openTarget} onOpenChange={setOpenTarget} />
              )}
            </Section>
            <Section title="Why">
              <ReasonField />
            </Section>
            {general.length > 0 && (
              <div className="grid grid-cols-1 gap-2">
                {general.map((problem) => (
                  <Callout key={problemText(problem)} tone="danger" role="alert" title={problem.reason}>
                    {problem.nextStep} <RefusalLink link={problem.link} />
                  </Callout>
                ))}
              </div>
            )}
            <div className="flex flex-wrap items-center gap-3">
              <p role="status" className="flex min-h-7 flex-1 items-center gap-1 text-sm text-ink-muted">
                {draft.restored && (
                  <>
                    Your draft is back.
                    <Button size="sm" variant="ghost" onClick={draft.discard}>
                      Start over
                    </Button>
                  </>
                )}
              </p>
              <span className="hidden items-center gap-1.5 text-xs text-ink-faint pointer-fine:flex">
                <Kbd keys="Ctrl ↵" />
              </span>
              <Button
                type="submit"
                variant="primary"
                size="lg"
                pending={submitting}
                className="max-sm:w-full"
              >
                {props.submitLabel}
              </Button>
            </div>
          </form>
          <PreviewPanel preview={preview} />
        </div>
      </FormProvider>
    </RequestFormContext>
  );
}

/** Problems of these fields stand beside them. */
const fieldPattern =
  /^(workload\.(cluster|namespace|serviceAccount)|grants\.\d+\.(target|level|custom|subResource|pattern|expiresAt)|reason)/;

const changedFieldPattern = /^(grants\.0\.(level|custom|subResource|expiresAt)|reason)/;

function targetOf(problems: readonly Problem[]): number | undefined {
  for (const { field } of problems) {
    const match = /^grants\.(\d+)/.exec(field);
    if (match) return Number(match[1]);
  }
  return undefined;
}

function isRedirect(error: unknown): boolean {
  return error instanceof Error && "digest" in error && String(error.digest).startsWith("NEXT_REDIRECT");
}

const ReasonField = memo(function ReasonField() {
  const { control } = useFormContext<FormValues>();
  const { field } = useController({ control, name: "reason" });
  return (
    <Field
      label="Reason"
      labelHidden
      hint="Approvers decide by it: what the workload does with it, and since when it needs it."
      error={useFieldError("reason")}
    >
      <Textarea
        ref={field.ref}
        rows={3}
        value={field.value}
        maxLength={2000}
        onChange={(event) => field.onChange(event.currentTarget.value)}
        onBlur={field.onBlur}
        placeholder="The nightly settlement job writes its report to the data team's archive."
      />
    </Field>
  );
});
