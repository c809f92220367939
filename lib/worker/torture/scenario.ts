/** What a scenario is run with: from the command line, or fixed by a test. */
export interface Options {
  /** All random choices follow from it. */
  seed: number;
  /** The counts of the whole plan instead of those of an everyday run. */
  full: boolean;
  /** Instead of the scenario's own count. */
  count?: number;
  /** Only this one of a scenario's numbered pieces of work: to play again what a violation names. */
  at?: number;
  /** Of several processes that share the scenario: every `of`-th piece of work, beginning with `part` (from 0). */
  share: { part: number; of: number };
  /** Told now and then how far it is. */
  say(text: string): void;
}

export interface Outcome {
  /** How many points, workflows, calls or kills were played. */
  count: number;
  /** What did not hold, with what is needed to play it again. */
  violations: string[];
  /** Worth knowing, and no violation. */
  notes: string[];
}

export interface Scenario {
  name: string;
  title: string;
  run(options: Options): Promise<Outcome>;
}

/** Whether the nth piece of work is for this process. */
export function isShared({ share, at }: Options, index: number): boolean {
  if (at !== undefined) return index === at && share.part === 0;
  return index % share.of === share.part;
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return {
    count: outcomes.reduce((total, { count }) => total + count, 0),
    violations: outcomes.flatMap(({ violations }) => violations),
    notes: outcomes.flatMap(({ notes }) => notes),
  };
}
