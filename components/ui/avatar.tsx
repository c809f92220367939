import { cn } from "#components/ui/cn.ts";
import { softTone, type Tone } from "#components/ui/tone.ts";

// Red, amber and green stay reserved for states.
const tones: Tone[] = ["accent", "info", "neutral"];

/** The letters of the first and the last word: "Ada King Lovelace" → "AL", "ci@acme.test" → "C". */
function initials(name: string): string {
  const words = name
    .replace(/@.*$/, "")
    .split(/[\s._-]+/)
    .filter(Boolean);
  const first = words[0]?.at(0) ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.at(0) ?? "") : "";
  return (first + last).toUpperCase();
}

function toneOf(name: string): Tone {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return tones[sum % tones.length] ?? "neutral";
}

export type AvatarProps = {
  name: string;
  size?: "sm" | "md" | "lg" | undefined;
  /** Give it a name of its own where the person's name does not stand beside it. */
  labelled?: boolean | undefined;
  className?: string | undefined;
};

const sizes = { sm: "size-5 text-[0.5625rem]", md: "size-6 text-[0.625rem]", lg: "size-8 text-xs" };

export function Avatar({ name, size = "md", labelled = false, className }: AvatarProps) {
  const semantics = labelled ? { role: "img", "aria-label": name } : { "aria-hidden": true };
  return (
    <span
      {...semantics}
      className={cn(
        "inline-grid shrink-0 place-items-center rounded-full border font-semibold tracking-wide select-none",
        sizes[size],
        softTone[toneOf(name)],
        className,
      )}
    >
      {initials(name)}
    </span>
  );
}
