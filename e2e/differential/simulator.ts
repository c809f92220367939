import { startRespondent } from "./ask.ts";
import {
  type DecisionCase,
  ourDecision,
  type SimulatorAnswer,
  simulationOf,
  simulatorDecision,
  type Verdict,
} from "./decision-case.ts";
import { featuresOf } from "./features.ts";
import { reduced } from "./reduce.ts";
import { simplerCases } from "./simplify-case.ts";

/** A case reduced to what the two sides differ about. */
export interface Difference {
  case: DecisionCase;
  ours: Verdict;
  theirs: Verdict;
  features: Set<string>;
}

export interface Simulator {
  /** What iam-simulate decides; `refused`: it is not to be compared. */
  decide(one: DecisionCase): Promise<Verdict>;
  /** The case reduced as far as both go on with their two different answers. */
  reduce(one: DecisionCase, ours: Verdict, theirs: Verdict): Promise<Difference>;
  stop(): void;
}

/** @param folder where iam-simulate is installed */
export function startSimulator(folder: string): Simulator {
  const script = new URL("../../scripts/differential/simulate.mjs", import.meta.url).pathname;
  const program = startRespondent<object, SimulatorAnswer>(process.execPath, [script, folder]);
  const decide = async (one: DecisionCase): Promise<Verdict> => {
    const simulation = simulationOf(one);
    return simulation === null ? "refused" : simulatorDecision(await program.ask(simulation));
  };
  return {
    decide,
    async reduce(one, ours, theirs) {
      const holds = async (simpler: DecisionCase) =>
        ourDecision(simpler) === ours && (await decide(simpler)) === theirs;
      const smallest = await reduced(one, simplerCases, holds);
      return { case: smallest, ours, theirs, features: featuresOf(smallest) };
    },
    stop: program.stop,
  };
}
