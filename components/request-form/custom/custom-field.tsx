"use client";

import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useController, useFormContext, useWatch } from "react-hook-form";
import type { FindingData } from "#components/findings/finding-data.ts";
import { Button } from "#components/ui/button.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import type { TargetService } from "#lib/desired/services/service.ts";
import { useFieldError, useRequestForm } from "../context.tsx";
import { type FormValues, prefixOf, resolveTarget } from "../values.ts";
import { CustomJson } from "./custom-json.tsx";
import {
  type CustomProblem,
  type CustomValues,
  customValuesOf,
  emptyStatement,
  judgeCustom,
  maxStatements,
  textOf,
} from "./custom-values.ts";
import { ProblemMessage } from "./problem-message.tsx";
import { StatementCard } from "./statement-card.tsx";

/** Which actions, and under which conditions: chosen from lists, or written as JSON. */
export function CustomField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options, preview } = useRequestForm();
  const found = useMemo(() => {
    const grantId = preview?.targets[index]?.grantId;
    return (preview?.findings?.items ?? []).filter(
      ({ place }) => place?.condition && place.condition.grantId === grantId,
    );
  }, [preview, index]);
  const target = useWatch({ control, name: `grants.${index}` });
  const { field } = useController({ control, name: `grants.${index}.custom` });
  const error = useFieldError(`grants.${index}.custom`);
  const { service } = resolveTarget(target.text, options);
  const known = service ? serviceOf(service.id) : undefined;
  if (!known)
    return (
      <p className="text-sm text-ink-muted">
        Choose the target first: what can be listed depends on its service.
      </p>
    );
  return (
    <Editor
      values={field.value}
      onChange={field.onChange}
      service={known}
      prefix={prefixOf(target)}
      found={found}
      error={error}
    />
  );
}

const unfinished = new Set(["custom.empty", "custom.condition-empty"]);

type EditorProps = {
  values: CustomValues;
  onChange: (values: CustomValues) => void;
  service: TargetService;
  prefix: string;
  /** Findings of the preview about conditions that stand here. */
  found: readonly FindingData[];
  /** From the last submission, or the server's. */
  error: string | undefined;
};

function Editor({ values, onChange, service, prefix, found, error }: EditorProps) {
  const [stuck, setStuck] = useState(false);
  const { statements, json } = values;
  const judged = judgeCustom(values, service, prefix);
  // What is still empty is where everybody begins, and no mistake before it is sent.
  const problems = judged.problems.filter(({ code }) => !unfinished.has(code));

  function choose(view: string) {
    setStuck(false);
    if (view === "json") return onChange({ ...values, json: textOf(values) });
    const read = judged.custom;
    if (read === null) return setStuck(true);
    onChange(customValuesOf(read.length > 0 ? read : undefined));
  }

  return (
    <section
      aria-label="Custom permissions"
      data-problem={error ? "" : undefined}
      className="grid min-w-0 grid-cols-1 gap-3"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <span className="text-sm font-medium text-ink">Custom permissions</span>
        <Segmented
          label="Write them as"
          size="sm"
          value={json === null ? "list" : "json"}
          onValueChange={choose}
          options={[
            { value: "list", label: "List" },
            { value: "json", label: "JSON" },
          ]}
        />
      </div>
      {stuck && <ProblemMessage text="The list can't show this text. Mend what is marked first." />}
      {json === null ? (
        <Statements
          values={values}
          onChange={onChange}
          service={service}
          prefix={prefix}
          problems={problems}
        />
      ) : (
        <CustomJson
          value={json}
          onChange={(text) => {
            setStuck(false);
            onChange({ statements, json: text });
          }}
          service={service}
          subResource={service.subResource && prefix !== "" ? prefix : null}
          found={found}
        />
      )}
      {error && problems.length === 0 && <ProblemMessage text={error} />}
    </section>
  );
}

function Statements({
  values,
  onChange,
  service,
  prefix,
  problems,
}: Omit<EditorProps, "error" | "found"> & { problems: readonly CustomProblem[] }) {
  const { statements } = values;
  const replace = (next: CustomValues["statements"]) => onChange({ statements: next, json: null });
  return (
    <>
      {statements.map((statement, at) => (
        <StatementCard
          // biome-ignore lint/suspicious/noArrayIndexKey: a statement has no identity but its place.
          key={`statement-${at + 1}`}
          title={statements.length > 1 ? `Statement ${at + 1}` : null}
          statement={statement}
          service={service}
          prefix={prefix}
          problems={problems.filter(({ field }) => field.startsWith(`custom.${at}.`))}
          onChange={(next) => replace(statements.with(at, next))}
          onRemove={() => replace(statements.toSpliced(at, 1))}
        />
      ))}
      {problems
        .filter(({ field }) => field === "custom")
        .map(({ reason, nextStep }) => (
          <ProblemMessage key={reason} text={`${reason} ${nextStep}`} />
        ))}
      {statements.length < maxStatements && (
        <div>
          <Button size="sm" variant="ghost" onClick={() => replace([...statements, emptyStatement])}>
            <Plus aria-hidden="true" />
            Add actions under other conditions
          </Button>
        </div>
      )}
    </>
  );
}
