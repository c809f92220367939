import { HopIcon } from "#components/access/service-icon.tsx";
import { PathPicture } from "#components/ui/path-picture.tsx";
import type { Tone } from "#components/ui/tone.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";

const tones: Record<Hop["icon"], Tone> = {
  pod: "accent",
  provider: "neutral",
  agent: "neutral",
  role: "info",
  resource: "success",
};

export type GrantPathProps = {
  label: string;
  hops: readonly Hop[];
  /** Key of the service catalogue. */
  service: string;
  accountName: (id: string) => string;
};

/** The way from the pod to the target, in the design system's picture. */
export function GrantPath({ label, hops, service, accountName }: GrantPathProps) {
  return (
    <PathPicture
      label={label}
      // Five stops in one row leave none of them room for its name: the accounts stand side by side, the stops don't.
      className={hops.length > 4 ? "mx-auto max-w-[63rem]" : undefined}
      hops={hops.map((hop, index) => ({
        id: `${index}-${hop.icon}`,
        icon: <HopIcon hop={hop} service={service} />,
        title: hop.title,
        subtitle: hop.subtitle,
        account: accountName(hop.accountId),
        accountDetail: hop.accountId,
        tone: tones[hop.icon],
        via: hops[index - 1]?.via ?? undefined,
      }))}
    />
  );
}
