import { parseArgs } from "node:util";
import { changes, type SandboxAccounts } from "./changes.ts";

/**
 * `--grant <id> --sandbox <sandbox url> [--how trust|permissions|target]`: plays somebody who changes what Drawbridge
 * has made by the console of an account, so that a drift can be looked at.
 */
const { values } = parseArgs({
  options: {
    grant: { type: "string" },
    sandbox: { type: "string" },
    how: { type: "string", default: "trust" },
  },
});
const { grant, sandbox, how } = values;
const change = changes[how];

if (!grant || !sandbox || !change) {
  console.error(
    `Usage: --grant <id> --sandbox <address of the sandbox> --how ${Object.keys(changes).join("|")}`,
  );
  process.exit(2);
}
try {
  // Both ends are ours.
  const accounts = (await ask("state")) as SandboxAccounts;
  const tampering = change(accounts, grant);
  if (!tampering) throw new Error(`Nothing in the sandbox is of the access ${grant}: is it active?`);
  await ask("mutate", tampering.mutation);
  console.log(tampering.said);
  console.log('"Check now" on the page of the access finds it, and a repair puts back what was approved.');
  if (how === "permissions")
    console.log("It took something away: that is repaired by the account's owner or an admin.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function ask(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${sandbox}/_sandbox/${path}`, {
    ...(body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}: ${await response.text()}`);
  return response.json();
}
