import { type Browser, type BrowserContextOptions, expect, type Page } from "@playwright/test";

/** First names of the demo's people; their roles are in prisma/seed/organisation.ts. */
export type Person = "Dana" | "Omar" | "Priya" | "Lucas" | "Ines" | "Tomas";

type StoredState = Exclude<BrowserContextOptions["storageState"], string | undefined>;

/** One session a person for the whole run: signing in is limited to so many a minute, as it should be. */
const sessions = new Map<Person, StoredState>();

/** A browser of their own for one person, signed in. Close its context when done. */
export async function signedIn(
  browser: Browser,
  person: Person,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const storageState = sessions.get(person);
  const context = await browser.newContext({ ...options, ...(storageState && { storageState }) });
  const page = await context.newPage();
  watch(page, person);
  waitUntilRevealed(page);
  if (!storageState) {
    await signIn(page, person);
    sessions.set(person, await context.storageState());
  }
  return page;
}

/**
 * What is streamed arrives hidden and is shown a moment after the page has loaded; until then a text may be there twice,
 * and no locator means one of them. React keeps what is to be shown in `$RB`. (To look for hidden pieces would not do:
 * a part that was sent before its page turned out not to exist stays hidden for good.)
 */
function waitUntilRevealed(page: Page): void {
  const revealed = () =>
    page.waitForFunction(() => !(window as { $RB?: unknown[] }).$RB?.length, null, { polling: 50 });
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  page.goto = async (...given) => {
    const response = await goto(...given);
    await revealed();
    return response;
  };
  page.reload = async (...given) => {
    const response = await reload(...given);
    await revealed();
    return response;
  };
}

const pages = new Map<Person, Page>();

/** The page that a person has open, signed in: the same one for the whole run, with a warm cache. Don't close it. */
export async function pageOf(browser: Browser, person: Person): Promise<Page> {
  const page = pages.get(person) ?? (await signedIn(browser, person));
  pages.set(person, page);
  return page;
}

/** Leaves what the page shows: an open page follows what happens, and each follower costs time. */
export async function park(page: Page): Promise<void> {
  await page.goto("about:blank");
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: new RegExp(`^${person}\\b`) }).click();
  await expect(page.getByRole("navigation").first()).toBeVisible();
}

/** What a page may never do: throw, log an error, or break its own content security policy. */
export function watch(page: Page, who: string): void {
  page.on("pageerror", (error) => {
    throw new Error(`${who} saw a script fail on ${page.url()}: ${error.message}`);
  });
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // A 4xx that a test provokes is logged by the browser itself.
    if (/Failed to load resource/.test(message.text())) return;
    throw new Error(`${who} has an error in the console of ${page.url()}: ${message.text()}`);
  });
}
