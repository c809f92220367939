import { type PathHop, PathPicture } from "#components/ui/path-picture.tsx";
import type { Tone } from "#components/ui/tone.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { Verb } from "#lib/plan/plan.ts";
import { HopIcon } from "./icons.tsx";
import type { FormOptions, PreviewPlan, PreviewTarget } from "./types.ts";

const news: Partial<Record<Verb, { word: string; tone: Tone }>> = {
  create: { word: "new", tone: "success" },
  update: { word: "changes", tone: "warn" },
  conflict: { word: "in the way", tone: "danger" },
  keep: { word: "there already", tone: "neutral" },
  use: { word: "there already", tone: "neutral" },
};

/** What the plan does to the thing that a hop stands for. */
function newsOf(hop: Hop, plan: PreviewPlan | null): { word: string; tone: Tone } | undefined {
  const steps = plan?.accounts.flatMap((account) => account.steps) ?? [];
  const step = steps.find(({ key, kind, accountId }) => {
    if (hop.icon === "role") return key === hop.subtitle;
    if (hop.icon === "provider") return kind === "oidc-provider" && accountId === hop.accountId;
    return (
      hop.icon === "resource" && kind === "resource-policy-statements" && key.startsWith(`${hop.subtitle}#`)
    );
  });
  if (!step) return undefined;
  // The statement is new; the policy that it goes into is the owners' own.
  if (hop.icon === "resource")
    return step.verb === "keep" ? news.keep : { word: "policy changes", tone: "warn" };
  return news[step.verb];
}

function subtitleOf(hop: Hop, noun: string, word: string | undefined): string {
  const said = (kind: string) => (word ? `${kind}, ${word}` : kind);
  if (hop.icon === "role") return said("IAM role");
  if (hop.icon === "resource") return said(noun);
  if (hop.icon === "provider" && word) return `${word}: ${hop.subtitle}`;
  return hop.subtitle;
}

/** The way from the pod to one target. */
export function PreviewPath({
  target,
  plan,
  options,
}: {
  target: PreviewTarget;
  plan: PreviewPlan | null;
  options: FormOptions;
}) {
  const noun = target.target?.noun ?? "resource";
  const hops = target.hops.map((hop, index): PathHop => {
    const account = options.accounts.find(({ id }) => id === hop.accountId);
    const change = newsOf(hop, plan);
    return {
      id: `${index} ${hop.subtitle}`,
      icon: <HopIcon icon={hop.icon} service={target.target?.service ?? ""} />,
      title: hop.title,
      subtitle: subtitleOf(hop, noun, change?.word),
      account: account?.name ?? hop.accountId,
      ...(account ? { accountDetail: hop.accountId } : {}),
      tone: hop.icon === "resource" && !change ? "accent" : (change?.tone ?? "neutral"),
      via: target.hops[index - 1]?.via ?? undefined,
    };
  });
  return <PathPicture label={`Path from the pod to ${target.target?.name ?? "the target"}`} hops={hops} />;
}
