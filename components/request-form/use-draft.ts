"use client";

import { useEffect, useRef, useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { clearDraft, readDraft, writeDraft } from "./draft.ts";
import type { FormValues } from "./values.ts";

export interface DraftControl {
  /** The form shows what was kept from before. */
  restored: boolean;
  /** Made once per form, and kept with its draft. */
  idempotencyKey: () => string;
  discard: () => void;
  /** While the form is sent nothing more is kept, and leaving is not held up. */
  hold: () => void;
  release: () => void;
  /** It has become a request. */
  sent: () => void;
}

const saveMs = 400;

/** Keeps what is typed in the tab's storage, and asks before a half-written form is left for another site. */
export function useDraft(form: UseFormReturn<FormValues>, key: string, initial: FormValues): DraftControl {
  const [restored, setRestored] = useState(false);
  const idempotencyKey = useRef<string>(undefined);
  const paused = useRef(false);
  const dirty = useRef(false);

  const keyOf = () => {
    idempotencyKey.current ??= crypto.randomUUID();
    return idempotencyKey.current;
  };

  useEffect(() => {
    const draft = readDraft(key);
    if (draft) {
      idempotencyKey.current = draft.idempotencyKey;
      dirty.current = true;
      form.reset(draft.values, { keepDefaultValues: true });
      setRestored(true);
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const save = () => {
      idempotencyKey.current ??= crypto.randomUUID();
      if (dirty.current && !paused.current)
        writeDraft(key, { values: form.getValues(), idempotencyKey: idempotencyKey.current });
    };
    const unsubscribe = form.subscribe({
      formState: { values: true },
      callback: ({ name }) => {
        if (name === undefined) return;
        dirty.current = true;
        clearTimeout(timer);
        timer = setTimeout(save, saveMs);
      },
    });
    const onLeave = (event: BeforeUnloadEvent) => {
      save();
      if (dirty.current && !paused.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", onLeave);
    return () => {
      clearTimeout(timer);
      save();
      unsubscribe();
      window.removeEventListener("beforeunload", onLeave);
    };
  }, [form, key]);

  return {
    restored,
    idempotencyKey: keyOf,
    discard: () => {
      dirty.current = false;
      idempotencyKey.current = undefined;
      clearDraft(key);
      form.reset(initial);
      setRestored(false);
    },
    hold: () => {
      paused.current = true;
      writeDraft(key, { values: form.getValues(), idempotencyKey: keyOf() });
    },
    release: () => {
      paused.current = false;
    },
    sent: () => clearDraft(key),
  };
}
