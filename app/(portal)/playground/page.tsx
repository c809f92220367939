import type { Metadata } from "next";
import { PageHeader } from "#components/ui/page-header.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { playgroundExamples } from "./examples.ts";
import { Workbench } from "./workbench.tsx";

export const metadata: Metadata = { title: "Playground" };

/** Paste policies and a request: what AWS would decide, why, and what is wrong with the policies. */
export default async function PlaygroundPage() {
  await requireActor("/playground");
  return (
    <>
      <PageHeader
        title="Playground"
        description="Paste policies and a request: what AWS would decide, why, and what is wrong with each policy."
      />
      <Workbench examples={playgroundExamples()} />
    </>
  );
}
