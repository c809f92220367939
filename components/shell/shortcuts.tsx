"use client";

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

export type Shortcut = {
  /** A key (`c`, `?`, `j`) or a sequence (`g r`). Never with a modifier: those belong to the browser. */
  keys: string;
  label: string;
  /** Heading in the help dialog. */
  group: string;
  onPress: () => void;
};

type Registry = {
  shortcuts: readonly Shortcut[];
  register: (shortcut: Shortcut) => () => void;
  enabled: boolean;
  setEnabled: (enabled: boolean) => void;
};

const Context = createContext<Registry | null>(null);

const storageKey = "drawbridge.shortcuts";
const changed = "drawbridge:shortcuts";
const sequenceTimeout = 1200;

function readEnabled(): boolean {
  try {
    return localStorage.getItem(storageKey) !== "off";
  } catch {
    return true;
  }
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(changed, onChange);
  window.addEventListener("storage", onChange);
  return () => {
    window.removeEventListener(changed, onChange);
    window.removeEventListener("storage", onChange);
  };
}

function writeEnabled(enabled: boolean) {
  try {
    localStorage.setItem(storageKey, enabled ? "on" : "off");
  } catch {
    // Without storage the choice can't be kept: nothing to tell the person about.
  }
  window.dispatchEvent(new Event(changed));
}

/** Keys mean text in fields, and act on the widget inside menus, lists and dialogs. */
function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"], [role="dialog"], [role="alertdialog"]',
    ) !== null
  );
}

/**
 * Collects the shortcuts of everything on the page and listens once for all of them. They can be switched off
 * (WCAG 2.1.4): speech input would trigger single letters.
 */
export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [shortcuts, setShortcuts] = useState<readonly Shortcut[]>([]);
  const enabled = useSyncExternalStore(subscribe, readEnabled, () => true);
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  }, [shortcuts]);

  const register = useCallback((shortcut: Shortcut) => {
    setShortcuts((before) => [...before, shortcut]);
    return () => setShortcuts((before) => before.filter((other) => other !== shortcut));
  }, []);

  useEffect(() => {
    if (!enabled) return;
    let typed = "";
    let timer: ReturnType<typeof setTimeout> | undefined;

    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.repeat || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.key.length !== 1 || isTaken(event.target)) return;
      clearTimeout(timer);
      const sequence = typed === "" ? event.key : `${typed} ${event.key}`;
      // The last one registered wins: a page may take a key from the shell.
      const match =
        latest.current.findLast((shortcut) => shortcut.keys === sequence) ??
        latest.current.findLast((shortcut) => shortcut.keys === event.key);
      if (match) {
        typed = "";
        event.preventDefault();
        match.onPress();
        return;
      }
      typed = latest.current.some((shortcut) => shortcut.keys.startsWith(`${event.key} `)) ? event.key : "";
      timer = setTimeout(() => {
        typed = "";
      }, sequenceTimeout);
    }

    document.addEventListener("keydown", onKeyDown);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [enabled]);

  const registry = useMemo(
    () => ({ shortcuts, register, enabled, setEnabled: writeEnabled }),
    [shortcuts, register, enabled],
  );
  return <Context value={registry}>{children}</Context>;
}

export function useShortcuts(): Registry {
  const registry = useContext(Context);
  if (!registry) throw new Error("useShortcut stands outside of AppShell, which listens for the keys.");
  return registry;
}

/** Adds a shortcut while the component is on the page; it shows up in the help on `?`. */
export function useShortcut({ keys, label, group, onPress }: Shortcut, active = true): void {
  const { register } = useShortcuts();
  const handler = useRef(onPress);
  useEffect(() => {
    handler.current = onPress;
  });
  useEffect(() => {
    if (!active) return;
    return register({ keys, label, group, onPress: () => handler.current() });
  }, [register, keys, label, group, active]);
}
