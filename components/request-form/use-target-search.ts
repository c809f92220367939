"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FormOptions, TargetOption } from "./types.ts";

export type SearchAction = (text: string) => Promise<TargetOption[]>;

const debounceMs = 200;

/** The options, and with them what the server finds in an inventory that is too large to be sent whole. */
export function useTargetSearch(
  options: FormOptions,
  action: SearchAction,
): [FormOptions, (text: string) => void] {
  const [found, setFound] = useState<readonly TargetOption[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(new Set<string>());

  const search = useCallback(
    (text: string) => {
      const words = text.trim();
      clearTimeout(timer.current);
      if (!options.moreTargets || words.length < 2 || asked.current.has(words)) return;
      timer.current = setTimeout(async () => {
        asked.current.add(words);
        const more = await action(words).catch(() => []);
        setFound((before) => [...before, ...more]);
      }, debounceMs);
    },
    [options.moreTargets, action],
  );
  useEffect(() => () => clearTimeout(timer.current), []);

  const all = useMemo(() => {
    if (found.length === 0) return options;
    const byArn = new Map([...options.targets, ...found].map((target) => [target.arn, target]));
    return { ...options, targets: [...byArn.values()] };
  }, [options, found]);
  return [all, search];
}
