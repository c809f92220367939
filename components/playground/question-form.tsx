"use client";

import { Plus } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Select } from "#components/ui/select.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import type { QuestionProblems } from "#lib/policy/playground/answer.ts";
import {
  type CallerKind,
  type ContextRow,
  callerKinds,
  type PlaygroundQuestion,
} from "#lib/policy/playground/state.ts";
import { ContextRows } from "./context-rows.tsx";
import { useActionItems } from "./use-suggestions.ts";
import { callers } from "./words.ts";

export type QuestionFormProps = {
  question: PlaygroundQuestion;
  onChange: (change: Partial<PlaygroundQuestion>) => void;
  problems: QuestionProblems;
  /** A trust policy is asked about: the resource is a role. */
  trust: boolean;
  vocabulary: VocabularySource;
  /** Keys that follow from the rest, with their values. */
  filled: readonly (readonly [key: string, value: string])[];
};

const emptyRow: ContextRow = { key: "", state: "is", value: "" };

/** Who asks to do what on which resource, and what is known of the request. */
export function QuestionForm({ question, onChange, problems, trust, vocabulary, filled }: QuestionFormProps) {
  const { caller, action, resource, resourceAccount, context, others } = question;
  const actions = useActionItems(action, vocabulary);
  const words = callers[caller.kind];
  const hasOwnAccount = /^arn:[^:]*:[^:]*:[^:]*:\d{12}:/.test(resource);
  return (
    <div className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-[11rem_minmax(0,1fr)]">
        <Field label="Caller">
          <Select<CallerKind>
            items={callerKinds.map((kind) => ({ value: kind, label: callers[kind].label }))}
            value={caller.kind}
            onValueChange={(kind) => onChange({ caller: { ...caller, kind } })}
          />
        </Field>
        {caller.kind !== "anonymous" && (
          <Field label={words.name} error={problems.caller || undefined}>
            <Input
              mono
              value={caller.name}
              placeholder={words.placeholder}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onChange({ caller: { ...caller, name: event.target.value } })}
            />
          </Field>
        )}
      </div>
      {caller.kind === "role" && (
        <Field label="Session name" optional>
          <Input
            mono
            value={caller.session}
            placeholder="session"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange({ caller: { ...caller, session: event.target.value } })}
          />
        </Field>
      )}
      <Field label="Action" error={problems.action || undefined}>
        <SuggestInput
          mono
          external
          items={actions}
          value={action}
          placeholder={trust ? "sts:AssumeRole" : "s3:GetObject"}
          onValueChange={(next) => onChange({ action: next })}
        />
      </Field>
      <Field
        label={trust ? "Role to become" : "Resource"}
        error={problems.resource || undefined}
        hint={trust ? undefined : "An ARN, or * for actions without a resource."}
      >
        <Input
          mono
          value={resource}
          placeholder={
            trust ? "arn:aws:iam::444455556666:role/reports" : "arn:aws:s3:::reports-archive/2026/may.csv"
          }
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange({ resource: event.target.value })}
        />
      </Field>
      {(!hasOwnAccount || resourceAccount !== "") && (
        <Field
          label="Account that owns the resource"
          error={problems.resourceAccount || undefined}
          hint={
            hasOwnAccount ? undefined : "The ARN does not say, and it decides which policies have to allow."
          }
        >
          <Input
            mono
            inputMode="numeric"
            value={resourceAccount}
            placeholder="444455556666"
            autoComplete="off"
            onChange={(event) => onChange({ resourceAccount: event.target.value })}
          />
        </Field>
      )}
      <fieldset className="min-w-0">
        <legend className="mb-1.5 text-sm font-medium text-ink">Condition keys of the request</legend>
        <ContextRows
          rows={context}
          action={action}
          vocabulary={vocabulary}
          onChange={(rows) => onChange({ context: rows })}
        />
        <div className="mt-3 flex flex-wrap items-center justify-between gap-2">
          <Button
            size="sm"
            icon={<Plus aria-hidden="true" />}
            onClick={() => onChange({ context: [...context, emptyRow] })}
          >
            Add a key
          </Button>
          <span className="flex flex-wrap items-center gap-2 text-xs text-ink-muted">
            Other keys are
            <Segmented
              label="Keys that are not listed"
              size="sm"
              options={[
                { value: "unknown", label: "not known" },
                { value: "absent", label: "not in the request" },
              ]}
              value={others}
              onValueChange={(next) => onChange({ others: next })}
            />
          </span>
        </div>
        {filled.length > 0 && (
          <details className="mt-3 text-xs text-ink-muted">
            <summary className="w-fit rounded-sm hover:text-ink">
              {filled.length} keys follow from the rest
            </summary>
            <dl className="mt-1.5 grid gap-y-0.5 font-mono">
              {filled.map(([key, value]) => (
                <div key={key} className="flex flex-wrap gap-x-2">
                  <dt className="text-ink">{key}</dt>
                  <dd className="wrap-anywhere">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </fieldset>
    </div>
  );
}
