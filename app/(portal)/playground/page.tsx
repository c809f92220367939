import type { Metadata } from "next";
import { requireActor } from "#lib/auth/actor.ts";
import { playgroundExamples } from "./examples.ts";
import { Workbench } from "./workbench.tsx";

export const metadata: Metadata = { title: "Playground" };

/** Paste policies and a request: what AWS would decide, why, and what is wrong with the policies. */
export default async function PlaygroundPage() {
  await requireActor("/playground");
  return <Workbench examples={playgroundExamples()} />;
}
