"use client";

import { useEffect, useRef, useState } from "react";
import type { Refusal } from "#lib/model/refusal.ts";
import type { ToldDocument } from "#lib/policy/editing/told-document.ts";
import type { PlaygroundKind, PlaygroundQuestion } from "#lib/policy/playground/state.ts";
import { type Whereabouts, whereaboutsOf } from "#lib/policy/playground/whereabouts.ts";
import type { OpenDocument } from "./use-playground.ts";

/** Has a document checked; rejects when it was aborted. */
export type CheckPolicy = (
  document: { kind: PlaygroundKind; text: string } & Whereabouts,
  signal: AbortSignal,
) => Promise<{ ok: true; told: ToldDocument } | { ok: false; problem: Refusal }>;

/** The last answer about a document. */
export interface Check {
  /** The text that it is about; an older one while a newer is looked at. */
  text: string;
  told: ToldDocument;
  /** Why the last attempt brought nothing. */
  problem: Refusal | null;
}

const restMs = 300;
const nothing: ToldDocument = { findings: [], sentences: [] };

interface Asked {
  /** the document and where it hangs */
  subject: string;
  timer: ReturnType<typeof setTimeout>;
  controller: AbortController;
}

/** Has each document checked once typing rests; a newer text takes the place of an older one that is under way. */
export function useChecks(
  documents: readonly OpenDocument[],
  question: PlaygroundQuestion,
  check: CheckPolicy,
): ReadonlyMap<string, Check> {
  const [checks, setChecks] = useState<ReadonlyMap<string, Check>>(new Map());
  const asked = useRef(new Map<string, Asked>());

  useEffect(() => {
    for (const { id, kind, text } of documents) {
      const before = asked.current.get(id);
      const where = whereaboutsOf(kind, question);
      const subject = JSON.stringify([text, where]);
      if (before?.subject === subject) continue;
      clearTimeout(before?.timer);
      before?.controller.abort();
      const controller = new AbortController();
      const put = (next: (earlier: Check | undefined) => Check) =>
        setChecks((all) => new Map(all).set(id, next(all.get(id))));
      const run = async () => {
        if (text.trim() === "") return put(() => ({ text, told: nothing, problem: null }));
        const answer = await check({ kind, text, ...where }, controller.signal).catch(() => null);
        if (controller.signal.aborted || answer === null) return;
        put((earlier) =>
          answer.ok
            ? { text, told: answer.told, problem: null }
            : {
                text: earlier?.text ?? "",
                told: earlier?.told ?? nothing,
                problem: answer.problem,
              },
        );
      };
      // What was loaded is looked at at once, what is typed when it rests.
      const timer = setTimeout(() => void run(), before === undefined ? 0 : restMs);
      asked.current.set(id, { subject, timer, controller });
    }
    const open = new Set(documents.map(({ id }) => id));
    for (const [id, { timer, controller }] of asked.current) {
      if (open.has(id)) continue;
      clearTimeout(timer);
      controller.abort();
      asked.current.delete(id);
    }
  }, [documents, question, check]);

  return checks;
}
