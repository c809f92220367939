import type { Account } from "#lib/model/account.ts";
import type { AccountClients } from "../sessions.ts";
import { accountA, accountB, administrator, administratorOf, region, sessionsAt } from "./estate.ts";
import { type SeededAccount, seedMoto } from "./moto.ts";
import { type ReadBack, readBack } from "./read-back.ts";

/**
 * The AWS that an integration test runs on: the sandbox, or moto (an emulator by others) when TEST_MOTO_URLS has the
 * addresses of its servers, one for each process of tests. docs/moto.md has what differs.
 */

/** A sandbox as the tests need it: they start it themselves, because the product never imports it. */
interface Sandbox {
  url: string;
  close(): Promise<void>;
}

export interface TestAws<S extends Sandbox> {
  /** The endpoint of every SDK client. */
  url: string;
  /** For what only a sandbox can show or do; throws on moto. */
  sandbox(): S;
  /** Clients with all rights in an account: for what other teams do, and to look at what is there. */
  administrator(account: Account): AccountClients;
  /** What is in the two accounts, without ids and times, as an administrator sees it. */
  dump(): Promise<unknown>;
  close(): Promise<void>;
}

const motoUrl = motoOfThisProcess();
export const onMoto = motoUrl !== undefined;

/** What moto does not do, and how that shows. */
const lacking = {
  authorisation: "moto allows every call",
  "a log of calls": "moto keeps none",
  "checks of principals": "moto stores policies that name principals which do not exist",
  "principals' ids": "moto leaves the ARN of a deleted role in policies, where AWS shows its unique id",
  "changes of a provider's client ids": "moto has no AddClientIDToOpenIDConnectProvider",
  "delays of visibility": "in moto all is visible at once",
  "fault injection": "moto has no faults to inject",
  "names without regard to case": "moto tells names apart that differ in case only",
  "bucket owners": "moto does not look at ExpectedBucketOwner",
  "Pod Identity associations": "moto has none",
  "add-ons": "moto's clusters have none",
} as const;

export type Need = keyof typeof lacking;

export function has(_need: Need): boolean {
  return !onMoto;
}

/** Skips the test, with the reason, where the AWS at hand does not do what it is about. */
export function requires(test: { skip: (condition: boolean, note: string) => void }, need: Need): void {
  test.skip(!has(need), `needs ${need}: ${lacking[need]}`);
}

/** @param seed what is there before, in the sandbox's form */
export async function startAws<S extends Sandbox, A extends SeededAccount>(
  seed: { accounts: A[] },
  startSandbox: (options: { seed: { accounts: A[] } }) => Promise<S>,
): Promise<TestAws<S>> {
  if (motoUrl === undefined) {
    const sandbox = await startSandbox({ seed });
    return {
      url: sandbox.url,
      sandbox: () => sandbox,
      administrator: administratorsAt(sandbox.url),
      dump: async () => {
        const answer = await fetch(`${sandbox.url}/_sandbox/state`);
        return answer.json();
      },
      close: () => sandbox.close(),
    };
  }
  const administrators = administratorsAt(motoUrl);
  await seedMoto(motoUrl, seed.accounts, administrators);
  let reader: ReadBack | undefined;
  return {
    url: motoUrl,
    sandbox: () => {
      throw new Error("This is moto: a test that needs the sandbox says so with requires().");
    },
    administrator: administrators,
    dump: () => {
      reader ??= readBack({ url: motoUrl, region, credentials: administrator });
      return reader.state([accountA, accountB].map(administratorOf), { associations: false });
    },
    close: async () => reader?.close(),
  };
}

function administratorsAt(url: string): (account: Account) => AccountClients {
  const sessions = sessionsAt(url, { credentials: async () => administrator });
  return (account) => sessions.account(administratorOf(account), { sessionName: "administrator" });
}

/** Vitest numbers its processes from 1, and gives a number again when its process has ended. */
function motoOfThisProcess(): string | undefined {
  const urls = process.env.TEST_MOTO_URLS?.split(" ");
  if (!urls) return undefined;
  const url = urls[Number(process.env.VITEST_POOL_ID) - 1];
  if (!url) throw new Error("Fewer motos than processes of tests: vitest needs a smaller --maxWorkers.");
  return url;
}
