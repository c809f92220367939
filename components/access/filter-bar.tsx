"use client";

import { Search, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useId, useRef, useState, useTransition } from "react";
import { address } from "#components/access/list-address.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select, type SelectItem } from "#components/ui/select.tsx";
import { Spinner } from "#components/ui/spinner.tsx";

export type FilterField =
  | { kind: "text"; name: string; label: string; placeholder: string }
  | { kind: "choice"; name: string; label: string; items: readonly SelectItem[] }
  | { kind: "day"; name: string; label: string };

export type FilterBarProps = {
  /** Names the form: "Filter access". */
  label: string;
  /** Where the filtered list is. */
  path: string;
  fields: readonly FilterField[];
  /** As the address has them. */
  values: Record<string, string | undefined>;
  /** Parts of the address that the filters leave as they are: the tab. */
  keep?: Record<string, string | undefined> | undefined;
};

const typingPauseMs = 300;

/** A list's filters. They live in its address and apply as one types; without scripts it is a plain GET form. */
export function FilterBar({ label, path, fields, values, keep = {} }: FilterBarProps) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const [draft, setDraft] = useState(values);
  const [shown, setShown] = useState(address(path, values));
  const [asked, setAsked] = useState(shown);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  // The address has changed by other means than this form (back, a link): the form follows it.
  const current = address(path, values);
  if (current !== shown) {
    setShown(current);
    if (current !== asked) {
      setDraft(values);
      setAsked(current);
    }
  }

  function apply(next: Record<string, string | undefined>, pauseMs: number) {
    setDraft(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setAsked(address(path, next));
      startTransition(() => router.replace(address(path, { ...keep, ...next }), { scroll: false }));
    }, pauseMs);
  }

  const set = (name: string, value: string, pauseMs = 0) => apply({ ...draft, [name]: value }, pauseMs);
  const active = Object.values(draft).some(Boolean);

  return (
    <search aria-label={label}>
      <form
        method="get"
        action={path}
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          apply(draft, 0);
        }}
      >
        {fields.map((field) => (
          <FilterControl
            key={field.name}
            field={field}
            value={draft[field.name] ?? ""}
            pending={pending}
            onChange={(value, typed) => set(field.name, value, typed ? typingPauseMs : 0)}
          />
        ))}
        <button type="submit" hidden>
          Filter
        </button>
        {active && (
          <Button variant="ghost" icon={<X aria-hidden="true" />} onClick={() => apply({}, 0)}>
            Clear
          </Button>
        )}
        <span role="status" className="sr-only">
          {pending ? "Loading" : ""}
        </span>
      </form>
    </search>
  );
}

type FilterControlProps = {
  field: FilterField;
  value: string;
  pending: boolean;
  onChange: (value: string, typed?: boolean) => void;
};

function FilterControl({ field, value, pending, onChange }: FilterControlProps): ReactNode {
  const id = useId();
  if (field.kind === "text")
    return (
      <Field label={field.label} labelHidden className="min-w-44 flex-1 basis-56 sm:max-w-80">
        <Input
          type="search"
          name={field.name}
          value={value}
          placeholder={field.placeholder}
          // Chromium's own cross looks foreign, and there is a Clear button.
          className="[&::-webkit-search-cancel-button]:hidden"
          icon={pending ? <Spinner /> : <Search />}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          onChange={(event) => onChange(event.currentTarget.value, true)}
        />
      </Field>
    );
  if (field.kind === "choice")
    return (
      <Select
        name={field.name}
        aria-label={field.label}
        items={field.items}
        // "" is "no filter", which Base UI takes for nothing chosen.
        placeholder={field.items[0]?.label}
        value={value}
        onValueChange={(next) => onChange(next)}
        className="w-full sm:w-48"
      />
    );
  return (
    <div className="flex min-w-0 basis-full items-center gap-2 sm:basis-auto">
      <label htmlFor={id} className="w-9 shrink-0 text-sm text-ink-muted sm:w-auto">
        {field.label}
      </label>
      <Input
        id={id}
        type="date"
        name={field.name}
        value={value}
        className={cn("sm:w-36", value === "" && "text-ink-faint")}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
