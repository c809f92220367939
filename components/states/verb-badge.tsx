import { verbWords } from "#components/states/verbs.ts";
import { Badge } from "#components/ui/badge.tsx";

/** What a step does to its resource. */
export function VerbBadge({ verb }: { verb: string }) {
  const { label, tone, icon: Icon } = verbWords(verb);
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" />}>
      {label}
    </Badge>
  );
}
