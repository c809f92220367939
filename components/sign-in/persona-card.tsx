import { ArrowRight } from "lucide-react";
import { Avatar } from "#components/ui/avatar.tsx";
import { Badge } from "#components/ui/badge.tsx";

export type PersonaCardProps = {
  name: string;
  description: string;
  /** "Approver", "Admin". */
  roles: readonly string[];
};

/** One of the demo's people; the whole card is the button that signs in as them. It stands in a form. */
export function PersonaCard({ name, description, roles }: PersonaCardProps) {
  return (
    <button
      type="submit"
      className="group flex w-full items-center gap-3 rounded-lg border border-line-strong bg-surface px-3.5 py-3 text-left shadow-sm transition-colors hover:border-line-control hover:bg-sunken"
    >
      <Avatar name={name} size="lg" />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="text-base font-medium text-ink">{name}</span>
          {roles.map((role) => (
            <Badge key={role}>{role}</Badge>
          ))}
        </span>
        <span className="block text-sm text-ink-muted">{description}</span>
      </span>
      <ArrowRight
        aria-hidden="true"
        className="size-4 shrink-0 text-ink-faint transition-transform group-hover:translate-x-0.5"
      />
    </button>
  );
}
