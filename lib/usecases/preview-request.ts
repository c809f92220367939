import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import type { Preview } from "./preview.ts";

export async function previewRequest(_deps: Deps, _actor: Actor, _input: unknown): Promise<Outcome<Preview>> {
  throw new Error("preview-request is being written");
}
