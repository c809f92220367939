import { type Browser, expect, type Page } from "@playwright/test";
import { type Person, pageOf, park } from "./people.ts";
import { approve, fillRequest, submitRequest, type Wanted } from "./request-form.ts";

export interface LiveGrant {
  /** Of the request. */
  number: number;
  grantId: string;
}

/** Sends a request; its page is open afterwards. */
export async function ask(requester: Page, wanted: Omit<Wanted, "reason">): Promise<number> {
  await fillRequest(requester, { ...wanted, reason: "The nightly job needs it from the next release on." });
  return submitRequest(requester);
}

/** Asked, approved by each of them in turn, and active; the requester's page shows the grant. */
export async function provide(
  browser: Browser,
  requester: Page,
  approvers: readonly Person[],
  wanted: Omit<Wanted, "reason">,
): Promise<LiveGrant> {
  const number = await ask(requester, wanted);
  for (const person of approvers) {
    const page = await pageOf(browser, person);
    await approve(page, number);
    await park(page);
  }
  const grantId = await activeGrant(requester);
  await requester.goto(`/access/${grantId}`);
  return { number, grantId };
}

/** The request's page tells by itself when the access is there. */
export async function activeGrant(requestPage: Page): Promise<string> {
  const connect = requestPage.getByRole("link", { name: "Connect your workload" });
  await expect(connect).toBeVisible({ timeout: 60_000 });
  return (await connect.getAttribute("href"))?.split("/").at(-1) ?? "";
}

export async function revoke(page: Page, grantId: string): Promise<void> {
  await page.goto(`/access/${grantId}`);
  await page.getByRole("button", { name: "Revoke" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox").fill("The test is over");
  await dialog.getByRole("button", { name: "Revoke access" }).click();
  await expect(page.getByText("Revoked", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
}

/** The signed address that the grant's page makes for `kubectl apply -f`. */
export async function manifestUrl(page: Page, grantId: string): Promise<string> {
  await page.goto(`/access/${grantId}`);
  await page.getByRole("button", { name: "Make a command" }).click();
  const command = await page
    .getByText(/kubectl apply -f 'http/)
    .first()
    .textContent();
  const url = /'(http[^']+)'/.exec(command ?? "")?.[1];
  if (!url) throw new Error(`No address in: ${command}`);
  return url;
}

export async function withdraw(page: Page, number: number): Promise<void> {
  await page.goto(`/requests/${number}`);
  await page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(page.getByText("Withdrawn", { exact: true }).first()).toBeVisible();
}
