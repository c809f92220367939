import { expect, type Locator, type Page } from "@playwright/test";

/** What a person types into the form. */
export interface Wanted {
  cluster: string;
  namespace: string;
  serviceAccount: string;
  target: string;
  /** As the form calls it. */
  level: "Read" | "Write" | "Read and write";
  prefix?: string;
  /** The pattern's title; left out: automatic. */
  pattern?: string;
  reason: string;
}

export async function fillRequest(page: Page, wanted: Wanted): Promise<void> {
  await openEmptyForm(page);
  await page.getByRole("combobox", { name: "Cluster" }).fill(wanted.cluster);
  await page
    .getByRole("option", { name: new RegExp(`^${wanted.cluster}\\b`) })
    .first()
    .click();
  await page.getByRole("combobox", { name: "Namespace" }).fill(wanted.namespace);
  // On to the next field, as a person would: the open suggestions hide the rest of the page from assistive tools.
  await page.keyboard.press("Tab");
  await page.getByRole("textbox", { name: "Service account" }).fill(wanted.serviceAccount);
  await page.getByRole("combobox", { name: "Target" }).fill(wanted.target);
  await page.keyboard.press("Tab");
  await page.getByRole("radio", { name: wanted.level, exact: true }).click();
  if (wanted.prefix) await page.getByRole("textbox", { name: "Prefix" }).fill(wanted.prefix);
  if (wanted.pattern) {
    await page.getByRole("button", { name: "Change the access pattern" }).click();
    await page.getByRole("radio", { name: wanted.pattern, exact: true }).click();
  }
  await page.getByRole("textbox", { name: "Reason" }).fill(wanted.reason);
}

/** The form keeps a draft in its tab, which comes back into the fields while one types. */
export async function openEmptyForm(page: Page): Promise<void> {
  await page.goto("/icon.svg");
  await page.evaluate(() => sessionStorage.clear());
  await page.goto("/requests/new");
}

/** Sends the form and returns the request's number. */
export async function submitRequest(page: Page): Promise<number> {
  await page.getByRole("button", { name: "Submit request" }).click();
  await page.waitForURL(/\/requests\/\d+$/);
  return Number(page.url().split("/").at(-1));
}

/** Approves the request that the page shows, when the live check has finished. */
export async function approve(page: Page, number: number): Promise<void> {
  await page.goto(`/requests/${number}`);
  const button = page.getByRole("button", { name: /^Approve/ });
  await expect(button).toBeEnabled({ timeout: 30_000 });
  await button.click();
  const dialog = page.getByRole("alertdialog");
  await confirmName(dialog);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await expect(dialog).toBeHidden();
}

/** Types the account's name, where the risk asks for it. */
export async function confirmName(dialog: Locator): Promise<void> {
  await expect(dialog).toBeVisible();
  const label = dialog.locator("label", { hasText: /^Type .+ to confirm$/ });
  if ((await label.count()) === 0) return;
  const name = /^Type (.+) to confirm$/.exec((await label.textContent()) ?? "")?.[1] ?? "";
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
}
