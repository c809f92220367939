"use client";

import { Collapsible } from "@base-ui/react/collapsible";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { ChevronDown, CircleAlert, Sparkles } from "lucide-react";
import { useId, useState } from "react";
import { useController, useFormContext } from "react-hook-form";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import type { PatternOption } from "#lib/desired/options.ts";
import { useFieldError, useRequestForm } from "./context.tsx";
import { FactList } from "./fact-list.tsx";
import { automaticPattern, type FormValues } from "./values.ts";

/** How the access is made: left to Drawbridge, or chosen among all patterns with what speaks for and against each. */
export function PatternField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { preview } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.pattern` });
  const [open, setOpen] = useState(false);
  const labelId = useId();
  const errorId = useId();
  const error = useFieldError(`grants.${index}.pattern`);
  const target = preview?.targets[index] ?? null;
  const options = target?.options ?? [];
  const automatic = field.value === automaticPattern;
  const used = options.find(
    ({ id }) => id === (automatic ? (target?.pattern ?? target?.recommended) : field.value),
  );
  return (
    <Collapsible.Root
      open={open && options.length > 0}
      onOpenChange={setOpen}
      data-problem={error ? "" : undefined}
    >
      <p id={labelId} className="mb-1.5 text-sm font-medium text-ink">
        Access pattern
      </p>
      <div
        className={cn("rounded-md border bg-surface", error ? "border-danger-solid" : "border-line-strong")}
      >
        <div className="flex min-h-13 items-center gap-2.5 py-2 pr-2 pl-3">
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-center gap-x-2 text-base font-medium text-ink">
              {used?.title ?? (automatic ? "Automatic" : field.value)}
              {automatic && used && (
                <Badge tone="accent" icon={<Sparkles aria-hidden="true" />}>
                  Automatic
                </Badge>
              )}
            </p>
            <p className="text-xs text-ink-muted">
              {used?.summary ?? "Drawbridge picks the best that fits once cluster and target are known."}
            </p>
          </div>
          <Collapsible.Trigger
            disabled={options.length === 0}
            aria-describedby={error ? errorId : undefined}
            className="group inline-flex h-7 shrink-0 items-center gap-1 rounded-md px-2 text-sm text-ink-muted hover:bg-hover hover:text-ink data-disabled:text-ink-faint data-disabled:hover:bg-transparent any-pointer-coarse:h-9"
          >
            {open && options.length > 0 ? "Close" : "Change"}
            <span className="sr-only"> the access pattern</span>
            <ChevronDown aria-hidden="true" className="size-4 group-data-panel-open:rotate-180" />
          </Collapsible.Trigger>
        </div>
        <Collapsible.Panel className="border-t border-line">
          <RadioGroup<string>
            aria-labelledby={labelId}
            value={field.value}
            onValueChange={(next) => field.onChange(next)}
          >
            <Choice
              value={automaticPattern}
              title="Automatic"
              summary="The first that fits, in your organisation's order of preference."
            />
            {options.map((option) => (
              <Choice
                key={option.id}
                value={option.id}
                title={option.title}
                summary={option.summary}
                option={option}
              />
            ))}
          </RadioGroup>
        </Collapsible.Panel>
      </div>
      {error && (
        <p id={errorId} className="mt-1.5 flex items-start gap-1.5 text-xs text-danger-ink">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          {error}
        </p>
      )}
    </Collapsible.Root>
  );
}

function Choice({
  value,
  title,
  summary,
  option,
}: {
  value: string;
  title: string;
  summary: string;
  option?: PatternOption;
}) {
  const labelId = useId();
  const detailsId = useId();
  const blocked = (option?.objections.length ?? 0) > 0;
  return (
    <div className="relative flex gap-2.5 border-b border-line px-3 py-2.5 last:border-b-0 has-data-checked:bg-accent-soft">
      <Radio.Root
        value={value}
        disabled={blocked}
        aria-labelledby={labelId}
        aria-describedby={detailsId}
        className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-line-control bg-surface after:absolute after:inset-0 data-checked:border-accent data-checked:bg-accent data-disabled:border-line-strong data-disabled:bg-sunken"
      >
        <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
      </Radio.Root>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span id={labelId} className={cn("text-base font-medium", blocked ? "text-ink-muted" : "text-ink")}>
            {title}
          </span>
          {option?.recommended && <Badge tone="accent">Recommended</Badge>}
          {blocked && <Badge>Does not fit here</Badge>}
        </p>
        <div id={detailsId} className="text-xs text-ink-muted">
          <p>{summary}</p>
          {option?.objections.map(({ code, reason, nextStep }) => (
            <p key={code} className="mt-1.5 border-l-2 border-line-strong pl-2">
              <span className="text-ink">{reason}</span> {nextStep}
            </p>
          ))}
          {option && !blocked && <FactList facts={option.facts} className="mt-2" />}
        </div>
      </div>
    </div>
  );
}
