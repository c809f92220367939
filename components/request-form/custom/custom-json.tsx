"use client";

import { useMemo } from "react";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/textarea.tsx";
import { readCustomText } from "#lib/desired/custom-text.ts";
import type { TargetService } from "#lib/desired/services/service.ts";
import { ProblemMessage } from "./problem-message.tsx";

export type CustomJsonProps = {
  value: string;
  onChange: (value: string) => void;
  service: TargetService;
  subResource: string | null;
};

/** The statements as JSON, in IAM's words, checked as one types. */
export function CustomJson({ value, onChange, service, subResource }: CustomJsonProps) {
  const problems = useMemo(
    () => readCustomText(value, subResource, service).problems,
    [value, subResource, service],
  );
  return (
    <div className="grid min-w-0 gap-2">
      <Field
        label="Statements"
        labelHidden
        hint="Action and Condition alone: all else follows from the target."
      >
        <Textarea
          rows={10}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          spellCheck={false}
          mono
        />
      </Field>
      {problems.map(({ reason, nextStep, range }) => (
        <ProblemMessage
          key={`${reason} ${range.start.offset}`}
          text={`Line ${range.start.line}: ${reason} ${nextStep}`}
        />
      ))}
    </div>
  );
}
