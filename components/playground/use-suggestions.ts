"use client";

import { useEffect, useState } from "react";
import type { ComboboxItem } from "#components/ui/combobox-list.tsx";
import { actionSuggestions, keySuggestions, type Suggestion } from "#lib/policy/editing/suggestions.ts";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";

const most = 60;

/** Services, and after the colon the actions of the one that is typed. */
export function useActionItems(typed: string, source: VocabularySource): readonly ComboboxItem[] {
  const [items, setItems] = useState<readonly ComboboxItem[]>([]);
  useEffect(() => {
    let current = true;
    // Without suggestions any text will do.
    actionSuggestions(typed, source)
      .then(({ suggestions }) => {
        if (current) setItems(matching(suggestions, typed));
      })
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [typed, source]);
  return items;
}

/** The condition keys that a request of the action can carry. */
export function useKeyItems(action: string, source: VocabularySource): readonly ComboboxItem[] {
  const [items, setItems] = useState<readonly ComboboxItem[]>([]);
  useEffect(() => {
    let current = true;
    keySuggestions([action], source)
      .then((suggestions) => {
        if (current) setItems(suggestions.map(itemOf));
      })
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [action, source]);
  return items;
}

function matching(suggestions: readonly Suggestion[], typed: string): ComboboxItem[] {
  const folded = typed.toLowerCase();
  const has = ({ text, detail = "" }: Suggestion) =>
    text.toLowerCase().includes(folded) || (folded.length > 1 && detail.toLowerCase().includes(folded));
  return suggestions.filter(has).slice(0, most).map(itemOf);
}

function itemOf({ text, detail }: Suggestion): ComboboxItem {
  return { value: text, label: text, meta: detail };
}
