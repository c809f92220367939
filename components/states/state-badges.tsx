import {
  Ban,
  CircleCheck,
  CircleDot,
  CircleX,
  type LucideIcon,
  PencilLine,
  TriangleAlert,
  Undo2,
} from "lucide-react";
import {
  grantStates,
  requestStates,
  runStates,
  stepStates,
  troubles,
} from "#components/states/state-words.ts";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import type { GrantTrouble } from "#lib/model/grant-trouble.ts";
import type { GrantState, RequestState, RunState, StepState } from "#lib/model/states.ts";

const requestIcons: Record<RequestState, LucideIcon> = {
  in_review: CircleDot,
  changes_requested: PencilLine,
  approved: CircleCheck,
  rejected: CircleX,
  withdrawn: Undo2,
  lapsed: Ban,
};

export function RequestStateBadge({ state }: { state: RequestState }) {
  const Icon = requestIcons[state];
  const { label, tone } = requestStates[state];
  return <StatusBadge label={label} tone={tone} icon={<Icon aria-hidden="true" />} />;
}

export function GrantStateBadge({ state }: { state: GrantState }) {
  return <StatusBadge {...grantStates[state]} />;
}

export function RunStateBadge({ state }: { state: RunState }) {
  return <StatusBadge {...runStates[state]} />;
}

export function StepStateBadge({ state }: { state: StepState }) {
  return <StatusBadge {...stepStates[state]} />;
}

/** What is wrong with an active access: the colour says how grave it is. */
export function TroubleBadge({ trouble }: { trouble: GrantTrouble }) {
  return <StatusBadge {...troubles[trouble]} icon={<TriangleAlert aria-hidden="true" />} />;
}
