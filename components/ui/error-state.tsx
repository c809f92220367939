import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type ErrorStateProps = {
  /** The thing that failed, as a sentence: "The request could not be loaded." */
  thing: string;
  reason: ReactNode;
  nextStep?: ReactNode;
  action?: ReactNode;
  /** For support: a correlation or AWS request id. */
  reference?: string | undefined;
  headingLevel?: 1 | 2 | 3 | undefined;
  className?: string | undefined;
};

/** An error names the thing, the reason and the next step. */
export function ErrorState({
  thing,
  reason,
  nextStep,
  action,
  reference,
  headingLevel = 2,
  className,
}: ErrorStateProps) {
  const Heading = `h${headingLevel}` as const;
  return (
    <div role="alert" className={cn("flex flex-col items-center px-6 py-12 text-center", className)}>
      <span
        aria-hidden="true"
        className="mb-3 grid size-9 place-items-center rounded-lg border border-danger-line bg-danger-soft text-danger-ink"
      >
        <CircleAlert className="size-4.5" />
      </span>
      <Heading className="text-lg font-semibold text-ink">{thing}</Heading>
      <p className="mt-1 max-w-md text-base text-ink-muted">{reason}</p>
      {nextStep && <p className="mt-2 max-w-md text-base text-ink">{nextStep}</p>}
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
      {reference && (
        <p className="mt-5 text-xs text-ink-faint">
          Reference <code className="font-mono wrap-anywhere select-all">{reference}</code>
        </p>
      )}
    </div>
  );
}
