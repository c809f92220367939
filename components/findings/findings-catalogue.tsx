"use client";

import { ExternalLink, Search } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { SeverityIcon, severityWords } from "#components/findings/severity-icon.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { type Severity, severities } from "#lib/policy/findings/finding.ts";

export type CatalogueEntry = {
  id: string;
  severity: Severity;
  group: string;
  title: string;
  why: string;
  mend: string;
  reference: string;
};

export type FindingsCatalogueProps = {
  /** Key → title, in their order. */
  groups: Readonly<Record<string, string>>;
  entries: readonly CatalogueEntry[];
};

const any = "any";

/** The catalogue, searched and filtered as one types; every entry has an address of its own. */
export function FindingsCatalogue({ groups, entries }: FindingsCatalogueProps) {
  const [text, setText] = useState("");
  const [severity, setSeverity] = useState<string>(any);
  const [group, setGroup] = useState<string>(any);
  const words = useDeferredValue(text);
  const found = useMemo(
    () => entries.filter((entry) => fits(entry, words, severity, group)),
    [entries, words, severity, group],
  );

  // Who follows a link to an entry sees it, whatever was filtered before.
  useEffect(() => {
    function showAll() {
      setText("");
      setSeverity(any);
      setGroup(any);
    }
    window.addEventListener("hashchange", showAll);
    return () => window.removeEventListener("hashchange", showAll);
  }, []);

  return (
    <div className="grid gap-4">
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_11rem_15rem]">
        <Input
          type="search"
          aria-label="Search the findings"
          placeholder="Search: wildcard, aud, s3:GetObject…"
          icon={<Search />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Severity"
          value={severity}
          onValueChange={setSeverity}
          items={[
            { value: any, label: "Every severity" },
            ...severities.map((value) => ({ value, label: severityWords[value].label })),
          ]}
        />
        <Select
          aria-label="Subject"
          value={group}
          onValueChange={setGroup}
          items={[
            { value: any, label: "Every subject" },
            ...Object.entries(groups).map(([value, label]) => ({ value, label })),
          ]}
        />
      </div>
      <p role="status" className="text-sm text-ink-muted">
        {found.length === entries.length
          ? `${entries.length} findings`
          : `${found.length} of ${entries.length} findings`}
      </p>
      {found.length === 0 && (
        <EmptyState title="No finding like this" body="Search for another word, or take a filter away." />
      )}
      {Object.entries(groups).map(([key, title]) => {
        const rows = found.filter((entry) => entry.group === key);
        if (rows.length === 0) return null;
        return (
          <section
            key={key}
            aria-label={title}
            className="rounded-lg border border-line bg-surface shadow-sm"
          >
            <h2 className="border-b border-line px-4 py-3 text-base font-semibold text-ink sm:px-5">
              {title}
            </h2>
            <ul className="divide-y divide-line">
              {rows.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Entry({ entry: { id, severity, title, why, mend, reference } }: { entry: CatalogueEntry }) {
  return (
    <li
      id={id}
      className="flex scroll-mt-[calc(var(--sticky-top,0px)+1rem)] gap-3 px-4 py-3 target:bg-accent-soft sm:px-5"
    >
      <SeverityIcon severity={severity} className="mt-[3px]" />
      <div className="min-w-0 flex-1">
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 text-base font-medium text-ink">
          <span className="wrap-anywhere">{title}</span>
          <Badge mono>{id}</Badge>
        </h3>
        <p className="mt-0.5 text-sm wrap-anywhere text-ink-muted">{why}</p>
        <p className="mt-0.5 text-sm wrap-anywhere text-ink">
          <span className="text-ink-muted">Mend: </span>
          {mend}
        </p>
        <p className="mt-1 flex flex-wrap gap-x-4 text-xs">
          <TextLink
            href={reference}
            target="_blank"
            rel="noreferrer"
            className="inline-flex min-h-6 items-center gap-1"
          >
            Reference
            <ExternalLink aria-hidden="true" className="size-3" />
            <span className="sr-only">for {id} (opens a new tab)</span>
          </TextLink>
          <a
            href={`#${id}`}
            className="inline-flex min-h-6 items-center gap-1 text-ink-muted underline decoration-line-strong underline-offset-2"
          >
            Link <span className="sr-only">to {id}</span>
          </a>
        </p>
      </div>
    </li>
  );
}

function fits(entry: CatalogueEntry, words: string, severity: string, group: string): boolean {
  if (severity !== any && entry.severity !== severity) return false;
  if (group !== any && entry.group !== group) return false;
  const whole = `${entry.id} ${entry.title} ${entry.why} ${entry.mend}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}
