import { Boxes, Cpu, Database, Fingerprint, KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import type { PathHop } from "#components/ui/path-picture.tsx";
import type { Tone } from "#components/ui/tone.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { Verb } from "#lib/plan/plan.ts";

const icons: Record<Hop["icon"], ReactNode> = {
  pod: <Boxes />,
  provider: <Fingerprint />,
  role: <KeyRound />,
  agent: <Cpu />,
  resource: <Database />,
};

export type PathChange = Verb;

const marks: Partial<Record<PathChange, { tone: Tone; word: string }>> = {
  create: { tone: "success", word: "new" },
  update: { tone: "warn", word: "changes" },
  conflict: { tone: "danger", word: "in conflict" },
};

export type PathHopsOptions = {
  /** Account id → name. */
  accounts: Readonly<Record<string, string>>;
  /** What the plan does to the thing that a hop stands for. */
  changeOf: (hop: Hop) => PathChange | null;
  /** What the resource is: "bucket". */
  noun?: string | undefined;
};

/** The way from the pod to the resource, as PathPicture draws it. */
export function pathHops(hops: readonly Hop[], { accounts, changeOf, noun }: PathHopsOptions): PathHop[] {
  return hops.map((hop, index) => {
    const change = changeOf(hop);
    const mark = change === null ? undefined : marks[change];
    const kind = kindOf(hop, noun ?? "resource");
    return {
      id: `${index} ${hop.title}`,
      icon: icons[hop.icon],
      title: hop.title,
      subtitle: mark ? `${kind}, ${hop.icon === "resource" ? "its policy changes" : mark.word}` : kind,
      account: accounts[hop.accountId] ?? hop.accountId,
      accountDetail: hop.accountId,
      tone: mark?.tone ?? "neutral",
      via: hops[index - 1]?.via ?? undefined,
    };
  });
}

function kindOf(hop: Hop, noun: string): string {
  if (hop.icon === "role") return "IAM role";
  return hop.icon === "resource" ? noun : hop.subtitle;
}
