import { CircleAlert } from "lucide-react";

/** What is wrong with a part of custom permissions. */
export function ProblemMessage({ text }: { text: string }) {
  return (
    <p role="alert" className="flex items-start gap-1.5 text-xs text-danger-ink">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </p>
  );
}
