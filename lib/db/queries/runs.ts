import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { RunRow, RunView } from "./views.ts";

export async function runView(_reader: Reader, _actor: Actor, _runId: string): Promise<RunView | null> {
  throw new Error("being written");
}

export async function runsForRequest(_reader: Reader, _actor: Actor, _number: number): Promise<RunRow[]> {
  throw new Error("being written");
}
