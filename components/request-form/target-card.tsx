"use client";

import { ChevronDown, CircleAlert, Trash2 } from "lucide-react";
import { useFormContext, useFormState, useWatch } from "react-hook-form";
import { cn } from "#components/ui/cn.ts";
import { IconButton } from "#components/ui/icon-button.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import { useRequestForm } from "./context.tsx";
import { chosenOf } from "./custom/custom-values.ts";
import { ServiceIcon } from "./icons.tsx";
import { LevelField, SubResourceField } from "./level-field.tsx";
import { PatternField } from "./pattern-field.tsx";
import { TargetField } from "./target-field.tsx";
import { UntilField } from "./until-field.tsx";
import { accountOf, expiryOf, type FormValues, resolveTarget } from "./values.ts";

export type TargetCardProps = {
  index: number;
  open: boolean;
  /** The only target stands without a frame: most requests have one. */
  only: boolean;
  onToggle: () => void;
  onRemove: () => void;
};

/** One target of the request; folded, it is a row that says what was chosen. */
export function TargetCard({ index, open, only, onToggle, onRemove }: TargetCardProps) {
  const fields = (
    <div className="grid grid-cols-1 gap-4">
      <TargetField index={index} />
      <LevelField index={index} />
      <SubResourceField index={index} />
      <UntilField index={index} />
      <PatternField index={index} />
    </div>
  );
  if (only) return fields;
  const bodyId = `target-${index}`;
  return (
    <section aria-label={`Target ${index + 1}`} className="rounded-lg border border-line-strong bg-surface">
      <div className="flex items-center gap-1 pr-1.5">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={bodyId}
          onClick={onToggle}
          className="flex min-h-11 min-w-0 flex-1 items-center gap-2.5 rounded-lg px-3 py-2 text-left hover:bg-hover"
        >
          <ChevronDown
            aria-hidden="true"
            className={cn("size-4 shrink-0 text-ink-faint transition-transform", !open && "-rotate-90")}
          />
          <Summary index={index} open={open} />
        </button>
        <IconButton
          label={`Remove target ${index + 1}`}
          icon={<Trash2 aria-hidden="true" />}
          size="sm"
          onClick={onRemove}
        />
      </div>
      <div id={bodyId} hidden={!open} className="border-t border-line p-3">
        {fields}
      </div>
    </section>
  );
}

function Summary({ index, open }: { index: number; open: boolean }) {
  const { control } = useFormContext<FormValues>();
  const { options, now, preview, problems } = useRequestForm();
  const target = useWatch({ control, name: `grants.${index}` });
  const { errors } = useFormState({ control, name: `grants.${index}` });
  const resolved = resolveTarget(target.text, options);
  const account = options.accounts.find(({ id }) => id === accountOf(target, resolved));
  const ends = expiryOf(target, now);
  const wrong =
    errors.grants?.[index] !== undefined ||
    [...problems, ...(preview?.refusals ?? [])].some(({ field }) => field.startsWith(`grants.${index}`));
  if (open) return <span className="text-base font-medium text-ink">Target {index + 1}</span>;
  return (
    <>
      <ServiceIcon service={resolved.service?.id ?? ""} className="size-4 shrink-0 text-ink-muted" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-base font-medium text-ink">
          {resolved.name || "Not chosen yet"}
        </span>
        <span className="block truncate text-xs text-ink-muted">
          {[
            account?.name,
            target.level === "custom"
              ? levelWord({ level: "custom", custom: chosenOf(target.custom) })
              : resolved.service?.levels[target.level],
            ends ? `until ${ends.slice(0, 10)}` : ends === null ? "until revoked" : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      {wrong && (
        <span className="flex shrink-0 items-center gap-1 text-xs text-danger-ink">
          <CircleAlert aria-hidden="true" className="size-3.5" />
          Needs a look
        </span>
      )}
    </>
  );
}
