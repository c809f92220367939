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

const kinds: Partial<Record<Hop["icon"], string>> = { role: "IAM role", resource: "Resource" };

const marks: Partial<Record<Verb, { tone: Tone; word: string }>> = {
  create: { tone: "success", word: "new" },
  update: { tone: "warn", word: "changed" },
  conflict: { tone: "danger", word: "in conflict" },
};

export type PathHopsOptions = {
  /** Account id → name. */
  accounts: Readonly<Record<string, string>>;
  /** Resource key (a role's is its ARN) → what the plan does to it. */
  verbs?: Readonly<Record<string, Verb>> | undefined;
};

/** The way from the pod to the resource, as PathPicture draws it. */
export function pathHops(hops: readonly Hop[], { accounts, verbs = {} }: PathHopsOptions): PathHop[] {
  return hops.map((hop, index) => {
    const mark = marks[verbs[hop.subtitle] ?? "keep"];
    const kind = kinds[hop.icon] ?? hop.subtitle;
    return {
      id: `${index} ${hop.title}`,
      icon: icons[hop.icon],
      title: hop.title,
      subtitle: mark ? `${kind}, ${mark.word}` : kind,
      account: accounts[hop.accountId] ?? hop.accountId,
      accountDetail: hop.accountId,
      tone: mark?.tone ?? "neutral",
      via: hops[index - 1]?.via ?? undefined,
    };
  });
}
