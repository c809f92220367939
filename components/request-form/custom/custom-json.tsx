"use client";

import { useMemo } from "react";
import type { FindingData } from "#components/findings/finding-data.ts";
import { type EditorFinding, PolicyEditor } from "#components/policy-editor/policy-editor.tsx";
import { conditionRanges, readCustomText } from "#lib/desired/custom-text.ts";
import { customVocabulary } from "#lib/desired/custom-vocabulary.ts";
import type { TargetService } from "#lib/desired/services/service.ts";
import { FindingMessage, ProblemMessage } from "./problem-message.tsx";

export type CustomJsonProps = {
  value: string;
  onChange: (value: string) => void;
  service: TargetService;
  subResource: string | null;
  /** Of the policies that this would make: those about a condition are shown where it stands. */
  found: readonly FindingData[];
};

/** The statements as JSON, in IAM's words, checked and completed as one types. */
export function CustomJson({ value, onChange, service, subResource, found }: CustomJsonProps) {
  const vocabulary = useMemo(() => customVocabulary(service), [service]);
  const problems = useMemo(
    () => readCustomText(value, subResource, service).problems,
    [value, subResource, service],
  );
  const marked = useMemo(
    () =>
      found.flatMap(({ place, reference, ...told }) =>
        (place?.condition ? conditionRanges(value, place.condition) : []).map((range) => ({
          ...told,
          ...(reference ? { reference } : {}),
          range,
        })),
      ),
    [found, value],
  );
  const findings = useMemo(
    () => [
      ...problems.map(({ reason, nextStep, range }): EditorFinding => {
        const title = "This can't be asked for";
        return { severity: "error", title, detail: reason, why: "", mend: nextStep, range };
      }),
      ...marked,
    ],
    [problems, marked],
  );
  return (
    <div className="grid min-w-0 grid-cols-1 gap-2">
      <PolicyEditor
        label="Statements"
        value={value}
        onChange={onChange}
        findings={findings}
        vocabulary={vocabulary}
      />
      {problems.map(({ reason, nextStep, range }) => (
        <ProblemMessage
          key={`${reason} ${range.start.offset}`}
          text={`Line ${range.start.line}: ${reason} ${nextStep}`}
        />
      ))}
      {marked.map(({ key, severity, title, detail, range }) => (
        <FindingMessage
          key={`${key} ${range.start.offset}`}
          severity={severity}
          text={`Line ${range.start.line}: ${title}. ${detail}`}
        />
      ))}
      <p className="text-xs text-ink-muted">
        Action and Condition alone: resource, principal and effect follow from the target.
      </p>
    </div>
  );
}
