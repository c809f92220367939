import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { FormOptions } from "./views.ts";

export async function formOptions(_reader: Reader, _actor: Actor): Promise<FormOptions> {
  throw new Error("being written");
}
