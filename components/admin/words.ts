import type { Tone } from "#components/ui/tone.ts";
import type { Environment } from "#lib/model/account.ts";

export const environmentWords: Record<Environment, { label: string; tone: Tone }> = {
  production: { label: "Production", tone: "accent" },
  staging: { label: "Staging", tone: "info" },
  development: { label: "Development", tone: "neutral" },
  shared: { label: "Shared", tone: "neutral" },
};

function isEnvironment(text: string): text is Environment {
  return text in environmentWords;
}

/** The column is text: an unknown one is shown as it is. */
export function environmentOf(text: string): { label: string; tone: Tone } {
  return isEnvironment(text) ? environmentWords[text] : { label: text, tone: "neutral" };
}
