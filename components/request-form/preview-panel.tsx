"use client";

import { ChevronUp } from "lucide-react";
import { memo, type ReactNode, useRef, useState } from "react";
import { ProofList } from "#components/proof/proof-list.tsx";
import { RefusalLink } from "#components/refusals/refusal-link.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { cn } from "#components/ui/cn.ts";
import { CodePreview } from "#components/ui/code-preview.tsx";
import { Spinner } from "#components/ui/spinner.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { useRequestForm } from "./context.tsx";
import { FactList } from "./fact-list.tsx";
import { PreviewApprovals } from "./preview-approvals.tsx";
import { PreviewEmpty, PreviewSkeleton } from "./preview-empty.tsx";
import { PreviewFindings } from "./preview-findings.tsx";
import { PreviewPath } from "./preview-path.tsx";
import { PreviewPlanList } from "./preview-plan.tsx";
import { previewLine } from "./preview-summary.ts";
import type { PreviewData, PreviewTarget } from "./types.ts";
import type { PreviewState } from "./use-preview.ts";

/** What the request would bring about. Beside the form where there is room, else below it, behind a summary bar. */
export const PreviewPanel = memo(function PreviewPanel({ preview }: { preview: PreviewState }) {
  const [open, setOpen] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const { data, last, loading, problem } = preview;

  function toggle() {
    setOpen(!open);
    if (!open) setTimeout(() => panel.current?.scrollIntoView({ block: "start" }), 0);
  }

  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        aria-controls="request-preview"
        onClick={toggle}
        className="sticky bottom-3 z-20 flex min-h-11 items-center gap-2.5 rounded-lg border border-line-strong bg-raised px-3.5 text-left text-sm shadow-lg xl:hidden"
      >
        <span className="font-medium text-ink max-sm:sr-only">Preview</span>
        <span className="min-w-0 flex-1 py-1.5 leading-4 text-ink-muted">
          {data
            ? previewLine(data)
            : loading
              ? "Working it out…"
              : "Choose a cluster, a target and an access level"}
        </span>
        {loading && <Spinner className="shrink-0 text-ink-faint" />}
        <ChevronUp
          aria-hidden="true"
          className={cn("size-4 shrink-0 text-ink-faint transition-transform", open && "rotate-180")}
        />
      </button>
      <section
        ref={panel}
        id="request-preview"
        aria-labelledby="request-preview-title"
        className={cn(
          "scroll-mt-16 rounded-lg border border-line bg-surface shadow-sm xl:sticky xl:top-6 xl:block xl:max-h-[calc(100dvh-3rem)] xl:min-h-96 xl:overflow-y-auto xl:overscroll-contain",
          !open && "max-xl:hidden",
        )}
      >
        <header className="sticky top-0 z-10 flex min-h-12 flex-wrap items-center justify-between gap-x-4 rounded-t-lg border-b border-line bg-surface px-4 py-2 sm:px-5 max-xl:static">
          <h2 id="request-preview-title" className="text-base font-semibold text-ink">
            Preview
          </h2>
          <p className="flex items-center gap-2 text-xs text-ink-muted">
            {loading && data && <Spinner className="size-3.5" />}
            {data && <SnapshotAge data={data} />}
          </p>
        </header>
        <p role="status" className="sr-only">
          {data && !loading && `Preview: ${previewLine(data)}`}
        </p>
        {problem && (
          <div className="px-4 pt-4 sm:px-5">
            <Callout tone="warn" title={problem.reason}>
              {problem.nextStep}
            </Callout>
          </div>
        )}
        {data ? (
          <div
            aria-busy={loading}
            className={cn("transition-opacity duration-150", loading && "opacity-60 delay-150")}
          >
            {data.refusals.length > 0 && <Refusals data={data} />}
            <Contents data={last ?? data} stale={last !== null} />
          </div>
        ) : loading ? (
          <PreviewSkeleton />
        ) : (
          <PreviewEmpty />
        )}
      </section>
    </>
  );
});

function SnapshotAge({ data }: { data: PreviewData }) {
  if (data.snapshotAt === null) return <>AWS has not been read yet</>;
  return (
    <span>
      as AWS looked <Timestamp value={data.snapshotAt} now={data.computedAt} />
    </span>
  );
}

const Contents = memo(function Contents({ data, stale }: { data: PreviewData; stale: boolean }) {
  const { options, activeTarget } = useRequestForm();
  const target = data.targets[activeTarget] ?? data.targets.find((one) => one !== null) ?? null;
  const name = target?.target?.name;
  const proof = data.proof.find(({ grantId }) => grantId === target?.grantId);
  return (
    <div className={cn("divide-y divide-line", stale && "bg-sunken grayscale")}>
      {stale && <p className="px-4 py-2 text-xs text-ink-muted sm:px-5">Before this change:</p>}
      {target && target.hops.length > 0 && (
        <Part
          title={name ? `Path to ${name}` : "Path"}
          note={
            data.placeholders.length > 0
              ? `with a stand-in for the ${data.placeholders.join(" and the ")}`
              : undefined
          }
        >
          <PreviewPath target={target} plan={data.plan} options={options} />
        </Part>
      )}
      {target && <Pattern target={target} />}
      {data.risk && data.findings && (
        <Part title="Risk and findings" note="before the live check">
          <PreviewFindings risk={data.risk} findings={data.findings} />
        </Part>
      )}
      {data.plan && (
        <Part title="Changes">
          <PreviewPlanList plan={data.plan} />
        </Part>
      )}
      {proof && (
        <Part title="Who could reach it" note="beside who can today">
          <ProofList rows={proof.rows} />
        </Part>
      )}
      {data.approvals.length > 0 && (
        <Part title="Approvals">
          <PreviewApprovals approvals={data.approvals} />
        </Part>
      )}
      {data.yaml !== null && (
        <Part title="For the cluster" note="ready to apply once it is approved">
          <CodePreview title="drawbridge.yaml" language="yaml" code={data.yaml} maxHeight="sm" />
        </Part>
      )}
    </div>
  );
});

function Part({ title, note, children }: { title: ReactNode; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="px-4 py-4 sm:px-5">
      <header className="mb-2.5 flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="flex flex-wrap items-center gap-2 text-sm font-semibold wrap-anywhere text-ink">
          {title}
        </h3>
        {note && <p className="text-xs text-ink-muted">{note}</p>}
      </header>
      {children}
    </section>
  );
}

function Pattern({ target }: { target: PreviewTarget }) {
  const option = target.options.find(({ id }) => id === target.pattern);
  if (!option) return null;
  return (
    <Part
      title={
        <>
          {option.title}
          {option.recommended && <Badge tone="accent">Recommended</Badge>}
        </>
      }
    >
      <p className="-mt-1.5 mb-2 text-sm text-ink-muted">{option.summary}.</p>
      <FactList facts={option.facts} />
    </Part>
  );
}

function Refusals({ data }: { data: PreviewData }) {
  return (
    <div className="border-b border-line px-4 py-4 last:border-b-0 sm:px-5">
      <Callout
        tone="danger"
        title={
          data.refusals.length === 1
            ? "This can't be requested yet"
            : `${data.refusals.length} things to mend`
        }
      >
        <ul className="grid gap-1.5">
          {data.refusals.map(({ code, field, reason, nextStep, link }) => (
            <li key={`${code} ${field}`}>
              {reason} <span className="text-ink-muted">{nextStep}</span> <RefusalLink link={link} />
            </li>
          ))}
        </ul>
      </Callout>
    </div>
  );
}
