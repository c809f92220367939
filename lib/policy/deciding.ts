import type { Decision } from "./evaluate.ts";
import type { StatementTrace } from "./statement.ts";
import { nearestAllow } from "./why-not.ts";

/** How a statement bears on a decision: it made it, it may turn it, or it comes nearest to having allowed. */
export type Bearing = "allows" | "denies" | "open" | "nearest";

/** The statements that a reader should look at first. */
export function decidingStatements(decision: Decision): { statement: StatementTrace; bearing: Bearing }[] {
  const { effect, trace } = decision;
  if (effect === "explicit-deny") {
    return trace
      .filter((one) => one.effect === "Deny" && one.matched)
      .map((statement) => ({ statement, bearing: "denies" }));
  }
  if (effect === "allow") {
    return trace
      .filter((one) => one.effect === "Allow" && one.matched)
      .map((statement) => ({ statement, bearing: "allows" }));
  }
  if (effect === "unknown") {
    return trace.filter((one) => one.open !== undefined).map((statement) => ({ statement, bearing: "open" }));
  }
  const nearest = nearestAllow(decision);
  return nearest === undefined ? [] : [{ statement: nearest, bearing: "nearest" }];
}
