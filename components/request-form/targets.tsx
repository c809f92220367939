"use client";

import { Plus } from "lucide-react";
import { memo, useState } from "react";
import { useFieldArray, useFormContext } from "react-hook-form";
import { Button } from "#components/ui/button.tsx";
import { useRequestForm } from "./context.tsx";
import { maxTargets } from "./schema.ts";
import { TargetCard } from "./target-card.tsx";
import { emptyTarget, type FormValues } from "./values.ts";

/** The targets, at most one of them unfolded. */
export const Targets = memo(function Targets({
  open,
  onOpenChange,
}: {
  open: number;
  onOpenChange: (index: number) => void;
}) {
  const { control, getValues } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { fields, append, remove } = useFieldArray({ control, name: "grants" });
  const [announced, setAnnounced] = useState("");

  function add() {
    const last = getValues("grants").at(-1);
    const fresh = emptyTarget(options.maxDays);
    // Targets of one request mostly end on the same day.
    const until = last && last.until !== "asked" ? { until: last.until, untilDate: last.untilDate } : {};
    append({ ...fresh, ...until }, { focusName: `grants.${fields.length}.text` });
    onOpenChange(fields.length);
    setAnnounced(`Target ${fields.length + 1} added`);
  }

  function drop(index: number) {
    remove(index);
    onOpenChange(Math.max(0, open > index ? open - 1 : Math.min(open, fields.length - 2)));
    setAnnounced(`Target ${index + 1} removed`);
  }

  return (
    <div className="grid grid-cols-1 gap-3">
      {fields.map((field, index) => (
        <TargetCard
          key={field.id}
          index={index}
          only={fields.length === 1}
          open={open === index}
          onToggle={() => onOpenChange(open === index ? -1 : index)}
          onRemove={() => drop(index)}
        />
      ))}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Button
          size="sm"
          variant="ghost"
          className="-ml-2"
          icon={<Plus aria-hidden="true" />}
          disabled={fields.length >= maxTargets}
          onClick={add}
        >
          Add another target
        </Button>
        {fields.length >= maxTargets && (
          <span className="text-xs text-ink-muted">A request has at most {maxTargets} targets.</span>
        )}
      </div>
      <p aria-live="polite" className="sr-only">
        {announced}
      </p>
    </div>
  );
});
