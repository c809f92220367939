import { type Browser, expect, type Page } from "@playwright/test";

/** First names of the demo's people; their roles are in prisma/seed/organisation.ts. */
export type Person = "Dana" | "Omar" | "Priya" | "Lucas" | "Ines" | "Tomas";

/** A browser of their own for one person, signed in with one click. Close its context when done. */
export async function signedIn(browser: Browser, person: Person): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page, person);
  await signIn(page, person);
  return page;
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
