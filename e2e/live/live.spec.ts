import { expect, test } from "@playwright/test";
import { ask, revoke } from "../support/grants.ts";
import { signedIn } from "../support/people.ts";
import { approve } from "../support/request-form.ts";

/** What others do shows on the pages that one has open, without a reload. */
test("a request, its run and the lists of others keep up while it is checked, approved and provisioned", async ({
  browser,
}) => {
  test.setTimeout(150_000);
  const dana = await signedIn(browser, "Dana");
  const priya = await signedIn(browser, "Priya");
  await priya.goto("/requests");
  await priya.evaluate(() => Object.assign(window, { stillTheSame: true }));

  const number = await ask(dana, {
    cluster: "prod-eu-1",
    namespace: "payments",
    serviceAccount: "live-watcher",
    target: "arn:aws:s3:::halcyon-payments-artifacts",
    level: "Read",
  });
  await dana.evaluate(() => Object.assign(window, { stillTheSame: true }));
  await test.step("the live check finishes on the page of the one who asked", async () => {
    await expect(dana.getByText("Nothing stands in the way in either account.")).toBeVisible({
      timeout: 30_000,
    });
  });

  await test.step("the list of an approver has it", async () => {
    await expect(priya.locator(`a[href="/requests/${number}"]`)).not.toHaveCount(0);
    expect(await priya.evaluate(() => "stillTheSame" in window)).toBe(true);
  });

  await test.step("approved elsewhere, the run shows up, and ends, by itself", async () => {
    await approve(priya, number);
    const run = dana.locator('a[href^="/runs/"]').first();
    await expect(run).toBeVisible({ timeout: 30_000 });
    // To the run by a click, which loads no document anew either.
    await run.click();
    await dana.waitForURL(/\/runs\//);
    await expect(dana.getByText("Both accounts are ready")).toBeVisible({ timeout: 60_000 });
    expect(await dana.evaluate(() => "stillTheSame" in window)).toBe(true);
  });

  await test.step("revoked elsewhere, the page of the access says so", async () => {
    await dana.getByRole("link", { name: "Connect your workload" }).click();
    await dana.waitForURL(/\/access\//);
    await expect(dana.getByText("Active", { exact: true }).first()).toBeVisible();
    const grantId = dana.url().split("/").at(-1) ?? "";
    await revoke(priya, grantId);
    await expect(dana.getByText("Revoked", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
    expect(await dana.evaluate(() => "stillTheSame" in window)).toBe(true);
  });
  await Promise.all([dana.context().close(), priya.context().close()]);
});
