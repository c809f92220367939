import {
  CircleAlert,
  CircleMinus,
  CirclePlus,
  Equal,
  Link2,
  type LucideIcon,
  PencilLine,
} from "lucide-react";
import type { Tone } from "#components/ui/tone.ts";
import type { Verb } from "#lib/plan/plan.ts";

/** What a step does, in one word; `means` says it whole. */
export const verbs: Record<Verb, { label: string; means: string; tone: Tone; icon: LucideIcon }> = {
  create: { label: "Create", means: "Will be made", tone: "success", icon: CirclePlus },
  update: { label: "Update", means: "Is there and will be changed", tone: "warn", icon: PencilLine },
  delete: { label: "Delete", means: "Will be removed", tone: "danger", icon: CircleMinus },
  keep: { label: "Unchanged", means: "Is as it should be", tone: "neutral", icon: Equal },
  use: { label: "Uses", means: "Is there, made by others, and will be relied on", tone: "info", icon: Link2 },
  conflict: {
    label: "Conflict",
    means: "Is there, made by others, and in the way",
    tone: "danger",
    icon: CircleAlert,
  },
};

function isVerb(value: string): value is Verb {
  return value in verbs;
}

/** A run's steps carry their verb as text; an unknown one is shown as it is. */
export function verbWords(verb: string): { label: string; means: string; tone: Tone; icon: LucideIcon } {
  return isVerb(verb) ? verbs[verb] : { label: verb, means: verb, tone: "neutral", icon: Equal };
}
