import { type ReactNode, useId } from "react";
import { cn } from "#components/ui/cn.ts";
import type { CodeLine } from "#components/ui/code-lines.ts";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { DownloadButton } from "#components/ui/download-button.tsx";
import { scrollRegion } from "#components/ui/scroll-region.ts";

export type CodeFrameProps = {
  code: string;
  lines: CodeLine[];
  /** The bar's text: a file name or what the code is. */
  title: string;
  /** Offers the code as a file of this name. */
  filename?: string | undefined;
  lineNumbers?: boolean | undefined;
  /** Cuts the height; the rest scrolls. */
  maxHeight?: "sm" | "md" | "none" | undefined;
  wrap?: boolean | undefined;
  actions?: ReactNode;
  className?: string | undefined;
};

const heights = { sm: "max-h-60", md: "max-h-[28rem]", none: "" };

/** The look shared by CodeBlock (server) and CodePreview (browser). */
export function CodeFrame({
  code,
  lines,
  title,
  filename,
  lineNumbers = false,
  maxHeight = "md",
  wrap = false,
  actions,
  className,
}: CodeFrameProps) {
  const titleId = useId();
  return (
    <figure
      className={cn(
        "@container flex min-w-0 flex-col overflow-clip rounded-lg border border-line bg-surface",
        className,
      )}
    >
      <figcaption className="flex h-9 items-center justify-between gap-2 border-b border-line pr-1 pl-3.5">
        <span id={titleId} className="min-w-0 truncate font-mono text-xs text-ink-muted">
          {title}
        </span>
        <span className="flex shrink-0 items-center">
          {actions}
          {filename && <DownloadButton text={code} filename={filename} />}
          <CopyButton text={code} what={title} />
        </span>
      </figcaption>
      <pre
        {...scrollRegion(titleId)}
        className={cn(
          "flex-1 overflow-auto bg-sunken px-3.5 py-3 font-mono text-xs leading-5 text-ink focus-visible:-outline-offset-2",
          heights[maxHeight],
          wrap && "whitespace-pre-wrap wrap-anywhere",
        )}
      >
        <code className={cn(!wrap && "block w-max min-w-full")}>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line's identity is its number.
            <span key={index} className="block min-h-5">
              {lineNumbers && (
                <span
                  aria-hidden="true"
                  className="mr-4 inline-block w-[3ch] text-right text-ink-faint select-none"
                >
                  {index + 1}
                </span>
              )}
              {line.map((token, position) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position.
                <span key={position} className={token.className}>
                  {token.text}
                </span>
              ))}
              {index < lines.length - 1 && "\n"}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  );
}
