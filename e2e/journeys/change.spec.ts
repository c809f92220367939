import { expect, type Page, test } from "@playwright/test";
import { awsState, playPod } from "../support/aws.ts";
import { manifestUrl, provide, revoke } from "../support/grants.ts";
import { pageOf, park } from "../support/people.ts";
import { approve, submitRequest } from "../support/request-form.ts";

/** The way to another form; the list of runs has links of that name too. */
const changeLink = (page: Page) => page.locator('a[href^="/requests/new?change="]', { hasText: /^Change$/ });

/** Live access gets a later end, or another form, by the same path as new access; its pods go on meanwhile. */
test.describe
  .serial("a live access", () => {
    const wanted = {
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount: "changing-exporter",
      target: "arn:aws:s3:::halcyon-ledger-snapshots",
      level: "Read" as const,
      prefix: "monthly/2026",
      pattern: "Role chaining",
    };
    let dana: Page;
    let grantId = "";
    let before: unknown;
    let oldManifest = "";

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(180_000);
      before = await awsState();
      dana = await pageOf(browser, "Dana");
      grantId = (await provide(browser, dana, ["Priya", "Lucas"], wanted)).grantId;
      oldManifest = await (await fetch(await manifestUrl(dana, grantId))).text();
    });

    test("is changed: asked, compared with what it is, approved by both owners, provisioned live", async ({
      browser,
    }) => {
      test.setTimeout(180_000);
      await dana.goto(`/access/${grantId}`);
      await changeLink(dana).click();
      await expect(dana.getByText("payments/changing-exporter on prod-eu-1")).toBeVisible();
      await expect(dana.getByRole("combobox", { name: "Target" })).toHaveCount(0);
      await dana.getByRole("radio", { name: "Read and write", exact: true }).click();
      await dana.getByRole("textbox", { name: "Prefix" }).fill("monthly/2027");
      await dana
        .getByRole("textbox", { name: "Reason" })
        .fill("Next year's snapshots are written by it too.");
      const preview = dana.getByRole("region", { name: "Preview" });
      await expect(preview.getByRole("heading", { name: "Changes" })).toBeVisible();
      const number = await submitRequest(dana);

      const access = dana.getByRole("region", { name: "Access", exact: true });
      await expect(access.getByText(/^Changes access/)).toBeVisible();
      await expect(access.getByRole("deletion").filter({ hasText: "monthly/2026" })).toBeVisible();
      await expect(access.getByRole("insertion").filter({ hasText: "monthly/2027" })).toBeVisible();
      await expect(dana.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
      await approve(await pageOf(browser, "Priya"), number);

      await dana.goto(`/access/${grantId}`);
      await expect(dana.getByText("Active", { exact: true }).first()).toBeVisible();
      await expect(dana.getByText("A change is under review")).toBeVisible();
      await expect(changeLink(dana)).toHaveCount(0);
      await approve(await pageOf(browser, "Lucas"), number);
      // The page tells by itself when the change has come to its end.
      await expect(dana.getByText("Read and write", { exact: false }).first()).toBeVisible({
        timeout: 30_000,
      });
      await expect(changeLink(dana)).toBeVisible({ timeout: 60_000 });
      await expect(dana.getByText("Active", { exact: true }).first()).toBeVisible();
    });

    test("then lets the pod do the new and not the old", async () => {
      test.setTimeout(120_000);
      const old = await playPod(`data:application/yaml,${encodeURIComponent(oldManifest)}`);
      expect(old.ok).toBe(false);
      expect(old.output).toMatch(/^✗ s3:.*denied, expected allowed/m);
      const now = await playPod(await manifestUrl(dana, grantId));
      expect(now.ok, now.output).toBe(true);
      expect(now.output).toContain("monthly/2027");
    });

    test("is renewed with one choice, and only its end date differs", async ({ browser }) => {
      test.setTimeout(180_000);
      await dana.goto(`/access/${grantId}`);
      await dana.getByRole("link", { name: "Renew", exact: true }).click();
      await expect(dana.getByRole("radio", { name: "Read", exact: true })).toHaveCount(0);
      await dana.getByRole("radio", { name: "1 year" }).click();
      await dana.getByRole("textbox", { name: "Reason" }).fill("The snapshots are needed for another year.");
      const number = await submitRequest(dana);
      const access = dana.getByRole("region", { name: "Access", exact: true });
      await expect(access.getByText(/^Renews access/)).toBeVisible();
      await expect(access.getByRole("deletion")).toHaveCount(1);
      for (const person of ["Priya", "Lucas"] as const) {
        const page = await pageOf(browser, person);
        await approve(page, number);
        await park(page);
      }
      await expect(dana.getByText("The access is renewed").first()).toBeVisible({
        timeout: 60_000,
      });
    });

    test("can't be asked for as it is", async () => {
      await dana.goto(`/requests/new?change=${grantId}`);
      await expect(dana.getByText("Nothing differs from the access as it is.").first()).toBeVisible();
    });

    test("is taken back whole", async () => {
      test.setTimeout(120_000);
      await revoke(dana, grantId);
      expect(await awsState()).toEqual(before);
    });
  });
