import { ChevronsUpDown } from "lucide-react";
import { Fragment, type ReactNode, useId } from "react";
import { cn } from "#components/ui/cn.ts";
import { type DiffChunk, type DiffPart, type DiffRow, diffTexts } from "#components/ui/diff-lines.ts";
import { scrollRegion } from "#components/ui/scroll-region.ts";

export type DiffViewProps = {
  /** What the documents are: "Trust policy of orders-reader". */
  title: string;
  /** Empty for something new. */
  before: string;
  /** Empty for something that goes away. */
  after: string;
  /** Unchanged lines kept in sight around each change. */
  context?: number | undefined;
  /** Lines of `after`, from 1, both inclusive: marked, and unfolded if they are in an unchanged stretch. */
  shown?: { from: number; to: number } | null | undefined;
  /** What stands above a line of `after`, such as what it means. */
  notes?: readonly { line: number; content: ReactNode }[] | undefined;
  meta?: ReactNode;
  className?: string | undefined;
};

/** A unified diff of two texts. Unchanged stretches open with a click; + and − are text, not only colour. */
export function DiffView({
  title,
  before,
  after,
  context = 3,
  shown = null,
  notes = [],
  meta,
  className,
}: DiffViewProps) {
  const titleId = useId();
  const { chunks, added, removed } = diffTexts(before, after, context);
  const kind = before === "" ? "New" : after === "" ? "Removed" : null;
  return (
    <figure className={cn("min-w-0 overflow-clip rounded-lg border border-line bg-surface", className)}>
      <figcaption className="flex min-h-9 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-3.5 py-1.5">
        <span id={titleId} className="min-w-0 font-mono text-xs wrap-anywhere text-ink-muted">
          {title}
        </span>
        <span className="flex items-center gap-3 text-xs tabular-nums">
          {meta}
          {kind && <span className="text-ink-muted">{kind}</span>}
          {added > 0 && (
            <span className="text-success-ink">
              +{added}
              <span className="sr-only"> lines added</span>
            </span>
          )}
          {removed > 0 && (
            <span className="text-danger-ink">
              −{removed}
              <span className="sr-only"> lines removed</span>
            </span>
          )}
          {added + removed === 0 && <span className="text-ink-muted">No change</span>}
        </span>
      </figcaption>
      <div
        {...scrollRegion(titleId)}
        className="@container overflow-x-auto bg-sunken font-mono text-xs leading-5 focus-visible:-outline-offset-2"
      >
        <div className="w-max min-w-full">
          {chunks.map((chunk, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a chunk's identity is its place in the document.
            <Chunk key={index} chunk={chunk} shown={shown} notes={notes} />
          ))}
        </div>
      </div>
    </figure>
  );
}

type Marks = Required<Pick<DiffViewProps, "shown" | "notes">>;

function Chunk({ chunk, shown, notes }: { chunk: DiffChunk } & Marks) {
  const rows = chunk.rows.map((row) => (
    <Fragment key={rowKey(row)}>
      {notes
        ?.filter(({ line }) => row.kind !== "removed" && line === row.after)
        .map(({ line, content }) => (
          <div
            key={line}
            className="sticky left-0 w-[100cqi] border-t border-line bg-surface px-3 py-2 font-sans leading-normal first:border-t-0"
          >
            {content}
          </div>
        ))}
      <Row row={row} shown={isShown(row, shown)} />
    </Fragment>
  ));
  if (!chunk.folded) return <div className="first:pt-1.5 last:pb-1.5">{rows}</div>;
  return (
    <details
      // Opens anew when a line in it is asked for; whoever closes it has closed it.
      key={shown ? `${shown.from}` : ""}
      open={chunk.rows.some((row) => isShown(row, shown)) || undefined}
      className="group first:[&>summary]:border-t-0 last:not-open:[&>summary]:border-b-0"
    >
      <summary className="sticky left-0 flex h-7 items-center gap-2 border-y border-line bg-surface px-3 font-sans text-xs text-ink-muted group-open:border-b-transparent hover:bg-hover hover:text-ink focus-visible:-outline-offset-2">
        <ChevronsUpDown aria-hidden="true" className="size-3.5" />
        {chunk.rows.length} unchanged lines
      </summary>
      {rows}
    </details>
  );
}

function isShown(row: DiffRow, shown: Marks["shown"]): boolean {
  return Boolean(shown && row.kind !== "removed" && row.after >= shown.from && row.after <= shown.to);
}

function rowKey(row: DiffRow): string {
  return row.kind === "added" ? `+${row.after}` : `${row.kind}${row.before}`;
}

function Row({ row, shown }: { row: DiffRow; shown: boolean }) {
  const number = "w-[3ch] shrink-0 text-right text-ink-faint select-none";
  return (
    <div
      data-shown={shown || undefined}
      className={cn(
        "flex gap-2 px-2",
        row.kind === "added" && "bg-success-soft shadow-[inset_3px_0_0_var(--success-solid)]",
        row.kind === "removed" && "bg-danger-soft shadow-[inset_3px_0_0_var(--danger-solid)]",
        // Beside the colour of an added line: a bar at both ends.
        shown && "bg-warn-soft shadow-[inset_6px_0_0_var(--warn-solid),inset_-6px_0_0_var(--warn-solid)]",
      )}
    >
      <span aria-hidden="true" className={cn(number, row.kind !== "same" && "text-ink-muted")}>
        {row.kind === "added" ? "" : row.before}
      </span>
      <span aria-hidden="true" className={cn(number, row.kind !== "same" && "text-ink-muted")}>
        {row.kind === "removed" ? "" : row.after}
      </span>
      {row.kind === "same" ? (
        <>
          <span className="w-[1ch] shrink-0" />
          <span className="whitespace-pre text-ink-muted">{row.text || " "}</span>
        </>
      ) : row.kind === "added" ? (
        <>
          <span className="w-[1ch] shrink-0 font-semibold text-success-ink">
            <span aria-hidden="true">+</span>
            <span className="sr-only">Added: </span>
          </span>
          <ins className="whitespace-pre text-ink no-underline">
            <Parts parts={row.parts} className="bg-success-line" />
          </ins>
        </>
      ) : (
        <>
          <span className="w-[1ch] shrink-0 font-semibold text-danger-ink">
            <span aria-hidden="true">−</span>
            <span className="sr-only">Removed: </span>
          </span>
          <del className="whitespace-pre text-ink no-underline">
            <Parts parts={row.parts} className="bg-danger-line" />
          </del>
        </>
      )}
    </div>
  );
}

function Parts({ parts, className }: { parts: DiffPart[]; className: string }) {
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part's identity is its position in the line.
    <span key={index} className={cn(part.changed && "rounded-xs", part.changed && className)}>
      {part.text || " "}
    </span>
  ));
}
