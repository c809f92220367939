"use client";

import { Trash2 } from "lucide-react";
import { IconButton } from "#components/ui/icon-button.tsx";
import type { TargetService } from "#lib/desired/services/service.ts";
import { ActionList } from "./action-list.tsx";
import { ConditionRows } from "./condition-rows.tsx";
import type { CustomProblem, StatementValues } from "./custom-values.ts";
import { ProblemMessage } from "./problem-message.tsx";

export type StatementCardProps = {
  /** Null: it is the only one. */
  title: string | null;
  statement: StatementValues;
  service: TargetService;
  prefix: string;
  problems: readonly CustomProblem[];
  onChange: (statement: StatementValues) => void;
  onRemove: () => void;
};

/** Actions, and what has to hold for them. */
export function StatementCard(props: StatementCardProps) {
  const { title, statement, service, prefix, problems, onChange, onRemove } = props;
  const of = (part: string) => problems.filter(({ field }) => field.endsWith(part));
  return (
    <section
      aria-label={title ?? "Actions and conditions"}
      className="min-w-0 rounded-md border border-line-strong bg-surface"
    >
      {title && (
        <header className="flex items-center justify-between border-b border-line py-1 pr-1 pl-3">
          <span className="text-sm font-medium text-ink">{title}</span>
          <IconButton
            label={`Remove ${title.toLowerCase()}`}
            icon={<Trash2 aria-hidden="true" />}
            size="sm"
            onClick={onRemove}
          />
        </header>
      )}
      <ActionList
        actions={service.actions}
        chosen={statement.actions}
        wholeNoun={service.noun}
        prefix={prefix}
        onChange={(actions) => onChange({ ...statement, actions })}
      />
      <div className="grid gap-2 border-t border-line p-3">
        {of(".actions").map(({ reason, nextStep }) => (
          <ProblemMessage key={reason} text={`${reason} ${nextStep}`} />
        ))}
        <ConditionRows
          conditions={statement.conditions}
          keys={service.conditionKeys}
          actions={statement.actions}
          onChange={(conditions) => onChange({ ...statement, conditions })}
        />
        {of(".conditions").map(({ reason, nextStep }) => (
          <ProblemMessage key={reason} text={`${reason} ${nextStep}`} />
        ))}
      </div>
    </section>
  );
}
