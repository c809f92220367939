/** What a colour means. `accent` marks the product's own emphasis, the others a state. */
export type Tone = "neutral" | "info" | "success" | "warn" | "danger" | "accent";

/** Soft fill, its border and its text: badges, callouts, avatars. */
export const softTone: Record<Tone, string> = {
  neutral: "border-neutral-line bg-neutral-soft text-neutral-ink",
  info: "border-info-line bg-info-soft text-info-ink",
  success: "border-success-line bg-success-soft text-success-ink",
  warn: "border-warn-line bg-warn-soft text-warn-ink",
  danger: "border-danger-line bg-danger-soft text-danger-ink",
  accent: "border-accent-line bg-accent-soft text-accent-ink",
};

/** Solid fill for dots, bars and markers (3:1 against the page). */
export const solidTone: Record<Tone, string> = {
  neutral: "bg-neutral-solid",
  info: "bg-info-solid",
  success: "bg-success-solid",
  warn: "bg-warn-solid",
  danger: "bg-danger-solid",
  accent: "bg-accent",
};

/** Text and icon colour (4.5:1 against the page). */
export const inkTone: Record<Tone, string> = {
  neutral: "text-ink-muted",
  info: "text-info-ink",
  success: "text-success-ink",
  warn: "text-warn-ink",
  danger: "text-danger-ink",
  accent: "text-accent-ink",
};
