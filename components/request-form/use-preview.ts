"use client";

import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import type { PartialSubmission } from "./submission.ts";
import type { PreviewData, PreviewResult, Problem } from "./types.ts";

export type PreviewAction = (input: PartialSubmission) => Promise<PreviewResult>;

export interface PreviewState {
  /** The last good answer; null before the first and when there is nothing to preview. */
  data: PreviewData | null;
  /** While `data` has no plan: the last answer to the same workload and targets that had one. */
  last: PreviewData | null;
  /** An answer to a newer state of the form is on its way. */
  loading: boolean;
  /** Why the last attempt brought nothing. */
  problem: Problem | null;
}

const idle: PreviewState = { data: null, last: null, loading: false, problem: null };
const debounceMs = 250;

const unreachable: Problem = {
  field: "",
  reason: "The preview could not be fetched: the portal did not answer.",
  nextStep: "It is tried again with the next change. What you typed is safe.",
};

/**
 * Asks for a preview once typing rests. One question is under way at a time and only the newest waits, so that a slow
 * answer neither piles up others (Next runs a browser's server actions one after the other) nor overwrites a newer
 * one. `ask(null)` clears the preview.
 */
export function usePreview(action: PreviewAction): [PreviewState, (input: PartialSubmission | null) => void] {
  const [state, setState] = useState<PreviewState>(idle);
  const asked = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const busy = useRef(false);
  const lastSubject = useRef("");

  const run = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    let answered: string | null = null;
    // What was typed while an answer was awaited is asked for at once.
    while (asked.current !== null && asked.current !== answered) {
      const question: string = asked.current;
      const result: PreviewResult | null = await action(JSON.parse(question) as PartialSubmission).catch(
        () => null,
      );
      answered = question;
      if (asked.current !== question) continue;
      const subject = subjectOf(question);
      const same = subject === lastSubject.current;
      if (result?.ok && result.value.plan) lastSubject.current = subject;
      // Of less urgency than the next key.
      startTransition(() => setState((before) => settle(before, result, same)));
    }
    busy.current = false;
  }, [action]);

  const ask = useCallback(
    (input: PartialSubmission | null) => {
      const question = input === null ? null : JSON.stringify(input);
      if (question === asked.current) return;
      asked.current = question;
      clearTimeout(timer.current);
      if (question === null) {
        setState(idle);
        return;
      }
      setState((before) => (before.loading ? before : { ...before, loading: true }));
      timer.current = setTimeout(() => void run(), debounceMs);
    },
    [run],
  );

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      asked.current = null;
    },
    [],
  );
  return [state, ask];
}

/** What a preview is about; the rest of the form says how. */
function subjectOf(question: string): string {
  const { grants, ...workload } = JSON.parse(question) as PartialSubmission;
  return JSON.stringify([workload, grants.map((grant) => grant?.target)]);
}

function settle(before: PreviewState, result: PreviewResult | null, sameSubject: boolean): PreviewState {
  if (!result?.ok) return { ...before, loading: false, problem: result?.problem ?? unreachable };
  const data = result.value;
  const earlier = before.data?.plan ? before.data : before.last;
  return { data, last: data.plan || !sameSubject ? null : earlier, loading: false, problem: null };
}
