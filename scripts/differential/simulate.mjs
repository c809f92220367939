import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/**
 * Answers simulations with iam-simulate: each line of the input is one, each line of the output its answer.
 *
 *     node simulate.mjs FOLDER       the folder in which iam-simulate is installed
 */

const require = createRequire(join(process.argv[2], "package.json"));
const { runSimulation } = await import(pathToFileURL(require.resolve("@cloud-copilot/iam-simulate")));

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}

/** `{ effect, ignored }`: iam-simulate's word, and the context keys that it left out; or `{ refused }` and why. */
async function answer(simulation) {
  try {
    const result = await runSimulation(simulation, {});
    if (result.resultType === "error") return { refused: reasonOf(result.errors) };
    const ignored = (result.results ?? [result.result]).flatMap((one) => one.ignoredContextKeys ?? []);
    return { effect: result.overallResult, ignored };
  } catch (error) {
    return { refused: String(error) };
  }
}

function reasonOf({ message, ...lists }) {
  const found = JSON.stringify(lists).match(/"message":"([^"]*)"/)?.[1];
  return found ? `${message}: ${found}` : message;
}
