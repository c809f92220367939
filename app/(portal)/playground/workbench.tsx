"use client";

import { Playground } from "#components/playground/playground.tsx";
import type { PlaygroundExample } from "#lib/policy/playground/example.ts";
import { checkPolicyText, vocabulary } from "./policy-service.ts";

/** The playground, with the portal behind it. */
export function Workbench({ examples }: { examples: readonly PlaygroundExample[] }) {
  return <Playground examples={examples} check={checkPolicyText} vocabulary={vocabulary} />;
}
