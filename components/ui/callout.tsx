import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { inkTone, softTone } from "#components/ui/tone.ts";

export type CalloutProps = {
  tone?: "info" | "warn" | "danger" | "success" | "neutral" | undefined;
  title: ReactNode;
  actions?: ReactNode;
  /** `alert` and `status` announce it when it appears; leave it out for what was there from the start. */
  role?: "alert" | "status" | undefined;
  className?: string | undefined;
  children?: ReactNode;
};

const icons = { info: Info, warn: TriangleAlert, danger: CircleAlert, success: CircleCheck, neutral: Info };
const words = { info: "Note", warn: "Warning", danger: "Problem", success: "Done", neutral: "Note" };

export function Callout({ tone = "info", title, actions, role, className, children }: CalloutProps) {
  const Icon = icons[tone];
  return (
    <div role={role} className={cn("flex gap-3 rounded-lg border px-3.5 py-3", softTone[tone], className)}>
      <Icon aria-hidden="true" className={cn("mt-[3px] size-4 shrink-0", inkTone[tone])} />
      <div className="min-w-0 flex-1">
        <p className="text-base font-medium wrap-anywhere">
          <span className="sr-only">{words[tone]}: </span>
          {title}
        </p>
        {children && <div className="mt-0.5 text-sm wrap-anywhere text-ink">{children}</div>}
        {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
