import { ArrowRight } from "lucide-react";
import { Fragment, type ReactNode, useId } from "react";
import { cn } from "#components/ui/cn.ts";
import { solidTone, type Tone } from "#components/ui/tone.ts";

export type PathHop = {
  id: string;
  icon?: ReactNode;
  /** The thing: a service account, a role, a bucket. */
  title: string;
  /** Its kind or its ARN. */
  subtitle?: string | undefined;
  /** The lane it stands in: neighbours with the same account share one. */
  account: string;
  /** The small print of the lane: an account id. The first hop of a lane decides. */
  accountDetail?: string | undefined;
  tone?: Tone | undefined;
  /** The arrow that leads here: "assumes with web identity". None for the first hop. */
  via?: string | undefined;
};

export type PathPictureProps = {
  /** Names the picture: "Path from orders-api to the bucket". */
  label: string;
  hops: readonly PathHop[];
  className?: string | undefined;
};

type Lane = { account: string; detail?: string | undefined; hops: PathHop[] };

function toLanes(hops: readonly PathHop[]): Lane[] {
  const lanes: Lane[] = [];
  for (const hop of hops) {
    const last = lanes.at(-1);
    if (last?.account === hop.account) last.hops.push(hop);
    else lanes.push({ account: hop.account, detail: hop.accountDetail, hops: [hop] });
  }
  return lanes;
}

/** One sentence a hop, for those who don't see the picture. */
function inWords(hops: readonly PathHop[]): string {
  return hops
    .map((hop, index) => {
      const thing = `${hop.title}${hop.subtitle ? ` (${hop.subtitle})` : ""} in ${hop.account}`;
      return index === 0 ? `Starts at ${thing}.` : `${hop.via ?? "Then"}: ${thing}.`;
    })
    .join(" ");
}

/**
 * Who reaches what, and through which accounts. Three layouts, by the width of the container: everything below one
 * another; the accounts side by side; the hops side by side as well.
 */
export function PathPicture({ label, hops, className }: PathPictureProps) {
  const labelId = useId();
  const lanes = toLanes(hops);
  const wide = lanes.length === 1 ? wideFromMiddle : wideFromLarge;
  return (
    <figure aria-labelledby={labelId} className={cn("@container min-w-0", className)}>
      <figcaption id={labelId} className="sr-only">
        {label}. {inWords(hops)}
      </figcaption>
      <div aria-hidden="true" className="flex flex-col items-stretch @xl:flex-row">
        {lanes.map((lane, index) => (
          <LaneBox key={`${lane.account}-${lane.hops[0]?.id}`} lane={lane} first={index === 0} wide={wide} />
        ))}
      </div>
    </figure>
  );
}

type WideClasses = { lane: string; row: string; hop: string; arrow: string; head: string; text: string };

const wideFromMiddle: WideClasses = {
  lane: "",
  row: "@xl:flex-row",
  hop: "@xl:flex-1",
  arrow: "@xl:w-22 @xl:flex-col @xl:justify-center @xl:gap-1 @xl:px-1.5 @xl:py-0",
  head: "@xl:order-last @xl:rotate-0",
  text: "@xl:text-center",
};

const wideFromLarge: WideClasses = {
  lane: "@5xl:flex-[2.35]",
  row: "@5xl:flex-row",
  hop: "@5xl:flex-1",
  arrow: "@5xl:w-22 @5xl:flex-col @5xl:justify-center @5xl:gap-1 @5xl:px-1.5 @5xl:py-0",
  head: "@5xl:order-last @5xl:rotate-0",
  text: "@5xl:text-center",
};

function LaneBox({ lane, first, wide }: { lane: Lane; first: boolean; wide: WideClasses }) {
  const [lead, ...rest] = lane.hops;
  if (!lead) return null;
  return (
    <>
      {!first && <Arrow via={lead.via} wide={wideFromMiddle} crossing />}
      <div
        className={cn(
          "flex min-w-0 flex-1 flex-col rounded-lg border border-dashed border-line-control bg-sunken p-2.5",
          rest.length > 0 && wide.lane,
        )}
      >
        <p className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3 px-0.5 text-xs">
          <span className="font-medium text-ink-muted">{lane.account}</span>
          {lane.detail && (
            <span className="font-mono text-2xs text-ink-faint tabular-nums">{lane.detail}</span>
          )}
        </p>
        <div className={cn("flex flex-1 flex-col items-stretch justify-center", wide.row)}>
          <Hop hop={lead} className={wide.hop} />
          {rest.map((hop) => (
            <Fragment key={hop.id}>
              <Arrow via={hop.via} wide={wide} />
              <Hop hop={hop} className={wide.hop} />
            </Fragment>
          ))}
        </div>
      </div>
    </>
  );
}

function Hop({ hop, className }: { hop: PathHop; className: string }) {
  return (
    <div
      className={cn(
        "relative flex min-w-0 items-center gap-2.5 overflow-clip rounded-md border border-line-strong bg-surface py-2.5 pr-3 pl-3.5 shadow-sm dark:bg-raised",
        className,
      )}
    >
      <span className={cn("absolute inset-y-0 left-0 w-[3px]", solidTone[hop.tone ?? "neutral"])} />
      {hop.icon && <span className="shrink-0 text-ink-muted [&_svg]:size-4">{hop.icon}</span>}
      <span className="min-w-0">
        <span className="line-clamp-3 text-sm font-medium wrap-anywhere text-ink" title={hop.title}>
          {hop.title}
        </span>
        {hop.subtitle && (
          <span className="line-clamp-2 text-xs wrap-anywhere text-ink-muted" title={hop.subtitle}>
            {hop.subtitle}
          </span>
        )}
      </span>
    </div>
  );
}

/** Lets "sts:AssumeRoleWithWebIdentity" break at its colon and its capitals. */
function breakable(text: string): string {
  return text.replace(/:|[a-z](?=[A-Z])/g, "$&\u200b");
}

/** Points down in a column and to the right in a row; `crossing` leads into another account. */
function Arrow({
  via,
  wide,
  crossing = false,
}: {
  via?: string | undefined;
  wide: WideClasses;
  crossing?: boolean;
}) {
  return (
    <div
      className={cn(
        "flex shrink-0 items-center gap-2 py-1 pl-5 text-ink-muted",
        wide.arrow,
        crossing && "text-accent-ink @xl:w-26",
      )}
    >
      <ArrowRight className={cn("order-first size-4 shrink-0 rotate-90", wide.head)} />
      <span className={cn("min-w-0 max-w-full text-xs leading-4 text-balance wrap-anywhere", wide.text)}>
        {via && breakable(via)}
      </span>
    </div>
  );
}
