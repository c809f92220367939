"use client";

import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import type { Tone } from "#components/ui/tone.ts";
import type { Bearing } from "#lib/policy/deciding.ts";
import type { StatementTrace } from "#lib/policy/evaluate.ts";
import type { ElementResult } from "#lib/policy/outcome.ts";
import { ElementTable } from "./element-table.tsx";

export type StatementRowProps = {
  statement: StatementTrace;
  /** In plain English; null: it breaks the grammar; undefined: not known yet. */
  sentence: string | null | undefined;
  /** Null: it has no part in the decision. */
  bearing: Bearing | null;
  /** Takes the reader to the statement in the editor. */
  onShow: () => void;
};

/** One statement: what it says, whether it applies, and each element with what the request has of it. */
export function StatementRow({ statement, sentence, bearing, onShow }: StatementRowProps) {
  const [toggled, setToggled] = useState<boolean | null>(null);
  const panelId = useId();
  const open = toggled ?? bearing !== null;
  const name = statement.sid ?? `Statement ${statement.index + 1}`;
  const { word, tone } = verdict(statement);
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panelId}
        onClick={() => setToggled(!open)}
        className="flex w-full items-start gap-2 px-3 py-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2 sm:px-4"
      >
        <ChevronRight
          aria-hidden="true"
          className={cn("mt-0.5 size-4 shrink-0 text-ink-faint transition-transform", open && "rotate-90")}
        />
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium wrap-anywhere text-ink">{name}</span>
            <Badge tone={statement.effect === "Deny" ? "danger" : "neutral"}>{statement.effect}</Badge>
            <Badge tone={tone}>{word}</Badge>
            {bearing === "nearest" && <span className="text-xs text-ink-muted">comes nearest</span>}
          </span>
          {sentence !== undefined && (
            <span className="mt-0.5 block text-sm wrap-anywhere text-ink-muted">
              {sentence ??
                "It breaks the grammar of a policy, so that nothing can be said of it: see its findings."}
            </span>
          )}
        </span>
      </button>
      <div id={panelId} hidden={!open} className="px-3 pb-3 sm:px-4 sm:pl-10">
        {open && (
          <>
            <ElementTable
              label={`Elements of ${name}`}
              elements={(statement.elements ?? []).filter(hasSay)}
            />
            <button
              type="button"
              onClick={onShow}
              className="mt-2 rounded-sm text-xs text-accent-ink underline underline-offset-2"
            >
              Show {name} in the editor
            </button>
          </>
        )}
      </div>
    </li>
  );
}

/** What a kind of policy has no element for says nothing: `Resource` of a trust policy. */
function hasSay({ outcome, expected }: ElementResult): boolean {
  return outcome !== "match" || expected.length > 0;
}

function verdict({ matched, open, mismatch, effect }: StatementTrace): { word: string; tone: Tone } {
  if (matched) return { word: "Applies", tone: effect === "Deny" ? "danger" : "success" };
  if (open !== undefined) return { word: "May apply", tone: "warn" };
  return { word: mismatch ? `Does not apply: ${mismatch.element}` : "Does not apply", tone: "neutral" };
}
