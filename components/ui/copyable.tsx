import { cn } from "#components/ui/cn.ts";
import { CopyButton } from "#components/ui/copy-button.tsx";

/** An identifier (ARN, id, URL) with its copy button. It breaks anywhere, so that nothing is cut off. */
export function Copyable({
  text,
  what,
  className,
}: {
  text: string;
  what: string;
  className?: string | undefined;
}) {
  return (
    <span className={cn("inline-flex max-w-full items-center gap-1", className)}>
      <code className="min-w-0 font-mono text-sm wrap-anywhere">{text}</code>
      <CopyButton text={text} what={what} size="sm" className="-my-1 size-6" />
    </span>
  );
}
