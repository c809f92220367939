import { expect, type Page, test } from "@playwright/test";
import { Client } from "pg";
import { look } from "../support/look.ts";
import { pageOf } from "../support/people.ts";
import { stack } from "../support/stack.ts";

/** An auditor's question: is history what was written? */

const status = (page: Page) => page.getByRole("main").locator("header").first();

async function checkNow(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(status(page).getByText("Intact", { exact: true })).toBeVisible({ timeout: 30_000 });
}

test("history is sealed, checked when an admin asks, and says that it is intact", async ({ browser }) => {
  test.setTimeout(90_000);
  const ines = await pageOf(browser, "Ines");
  await ines.goto("/history");
  await checkNow(ines);
  await expect(status(ines).getByText(/^Sealed up to/)).toBeVisible();
  await expect(status(ines).getByText(/Compared with \d+ records? kept outside the database/)).toBeVisible();
  await expect(ines.getByText("asked for all of history to be checked").first()).toBeVisible();
});

test("what a check finds wrong is said in words, with what to do next", async ({ browser }) => {
  test.setTimeout(120_000);
  const ines = await pageOf(browser, "Ines");
  const client = new Client({ connectionString: stack().databaseUrl });
  await client.connect();
  try {
    // As a worker would store it: the other tests here need history to stay whole.
    await client.query(`
      INSERT INTO "AuditCheck" ("position", "hash", "anchors", "unsealed", "durationMs", "fault")
      VALUES (11, 'x', 3, 0, 1, '{"kind":"event-changed","position":12,"eventId":"12"}')`);
    await ines.goto("/history?type=request.submitted");
    await expect(status(ines).getByText("Broken", { exact: true })).toBeVisible();
    await expect(ines.getByText("History is not as it was sealed")).toBeVisible();
    await expect(ines.getByText(/Event 12 was changed after it had been sealed/)).toBeVisible();
    await look(ines, "history-broken");
    await ines.goto("/history");
    await checkNow(ines);
    await expect(ines.getByText("History is not as it was sealed")).toHaveCount(0);
  } finally {
    await client.end();
  }
});

test("those who don't see everything see nothing of it", async ({ browser }) => {
  const dana = await pageOf(browser, "Dana");
  await dana.goto("/history");
  await expect(dana.getByRole("heading", { name: "History", level: 1 })).toBeVisible();
  await expect(dana.getByText("Intact", { exact: true })).toHaveCount(0);
  await expect(dana.getByRole("button", { name: "Check now" })).toHaveCount(0);
});
