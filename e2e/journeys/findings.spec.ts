import { expect, type Page, test } from "@playwright/test";
import { ask, withdraw } from "../support/grants.ts";
import { look } from "../support/look.ts";
import { pageOf } from "../support/people.ts";
import { confirmName } from "../support/request-form.ts";

const drafts = {
  cluster: "prod-eu-1",
  namespace: "payments",
  target: "arn:aws:s3:::halcyon-price-lists",
  level: "Write",
  prefix: "drafts",
  serviceAccount: "price-writer",
} as const;

const foreign = "Anybody in the world";

test.describe
  .serial("a request with findings", () => {
    let number: number;

    test("tells its author before it is sent", async ({ browser }) => {
      test.setTimeout(90_000);
      const dana = await pageOf(browser, "Dana");
      number = await ask(dana, drafts);
      const glance = dana.getByRole("region", { name: "At a glance" });
      await expect(glance).toContainText("payments/price-writer");
      await expect(glance.getByText("High risk")).toBeVisible();
      await expect(glance).toContainText("Newly let in: payments/price-writer on");
      await expect(glance).toContainText("data-owners");
    });

    test("is found from every page by whoever may see it, and by nobody else", async ({ browser }) => {
      const searched = async (page: Page) => {
        await page.goto("/playground");
        await page.keyboard.press("ControlOrMeta+k");
        await page.getByRole("combobox", { name: "Command palette" }).fill("price-writer");
      };
      const lucas = await pageOf(browser, "Lucas");
      await searched(lucas);
      await expect(lucas.getByText("Nothing found. Try fewer letters.")).toBeVisible();
      const dana = await pageOf(browser, "Dana");
      await searched(dana);
      const found = dana.getByRole("option", { name: new RegExp(`payments/price-writer.*#${number}`) });
      // It is highlighted a moment after it is shown, and by itself.
      await expect(found).toHaveAttribute("aria-selected", "true");
      await dana.keyboard.press("Enter");
      await expect(dana).toHaveURL(new RegExp(`/requests/${number}$`));
    });

    test("shows who may see it the statement of others that is too wide", async ({ browser }) => {
      test.setTimeout(90_000);
      const omar = await pageOf(browser, "Omar");
      await omar.goto(`/requests/${number}`);
      const findings = omar.getByRole("region", { name: "Findings" });
      const finding = findings.getByRole("listitem").filter({ hasText: foreign });
      await expect(finding.getByText("Not of this access, was there before")).toBeVisible();
      await finding.getByText("Why it matters").click();
      await expect(finding.getByRole("link", { name: /^Reference/ })).toHaveAttribute("href", /docs\.aws/);
      await finding.getByRole("button", { name: foreign }).click();
      const marked = omar.locator("[data-shown]");
      await expect(marked.filter({ hasText: "PartnersReadPublished" })).toBeInViewport();
      await expect(marked.filter({ hasText: "published/*" })).toBeVisible();
      await look(omar, "findings-request");
    });

    test("tells who may not see it that there is something, and not what", async ({ browser }) => {
      const dana = await pageOf(browser, "Dana");
      await dana.goto(`/requests/${number}`);
      const findings = dana.getByRole("region", { name: "Findings" });
      await expect(findings.getByText("the account's owners see here").first()).toBeVisible();
      await expect(dana.getByText("PartnersReadPublished")).toHaveCount(0);
    });

    test("is gone through with j and k, and approved with the keyboard and the account's name", async ({
      browser,
    }) => {
      test.setTimeout(90_000);
      const omar = await pageOf(browser, "Omar");
      await omar.goto(`/requests/${number}`);
      await expect(omar.getByRole("button", { name: /^Approve/ })).toBeEnabled({ timeout: 30_000 });
      await omar.keyboard.press("j");
      await expect(focusedRow(omar)).toBeVisible();
      const first = await focusedRow(omar).textContent();
      await omar.keyboard.press("j");
      expect(await focusedRow(omar).textContent()).not.toBe(first);
      await omar.keyboard.press("k");
      await expect(focusedRow(omar)).toHaveText(first ?? "");
      await omar.keyboard.press("a");
      const dialog = omar.getByRole("alertdialog", { name: "Approve version 1?" });
      await dialog.getByRole("button", { name: "Approve" }).click();
      await expect(dialog.getByText("Write it as it stands there: data-production")).toBeVisible();
      await confirmName(dialog);
      await omar.keyboard.press("Enter");
      await expect(dialog).toBeHidden();
      await expect(omar.getByText("You have reviewed this version already.")).toBeVisible();
      await withdraw(await pageOf(browser, "Dana"), number);
    });
  });

test("every finding has its place in the catalogue, which can be searched", async ({ browser }) => {
  test.setTimeout(90_000);
  const omar = await pageOf(browser, "Omar");
  await omar.goto("/findings#principal.everyone");
  await expect(omar.getByRole("heading", { name: /^Anybody in the world/ })).toBeInViewport();
  await omar.getByRole("searchbox", { name: "Search the findings" }).fill("confused deputy");
  await expect(omar.getByRole("status")).toContainText(/^\d+ of \d+ findings$/);
  // A part of it has all that there is to look at.
  await omar.getByRole("searchbox", { name: "Search the findings" }).fill("external id");
  await look(omar, "findings-catalogue");
});

function focusedRow(page: Page) {
  return page.locator("[data-row-link]:focus");
}
