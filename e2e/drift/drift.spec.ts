import { expect, type Page, test } from "@playwright/test";
import { awsState, playPod, tamperWith } from "../support/aws.ts";
import { manifestUrl, provide, revoke } from "../support/grants.ts";
import { look } from "../support/look.ts";
import { type Person, pageOf, signedIn } from "../support/people.ts";

/** Somebody changes a role behind the portal's back: it is found, explained and put back, from the access's page. */
test.describe
  .serial("access that is no longer in AWS as approved", () => {
    const serviceAccount = "drifted-loader";
    let dana: Page;
    let grantId: string;
    let url: string;
    let approved: unknown;

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(180_000);
      dana = await signedIn(browser, "Dana");
      const grant = await provide(browser, dana, ["Priya"], {
        cluster: "prod-eu-legacy",
        namespace: "payments",
        serviceAccount,
        target: "arn:aws:s3:::halcyon-payments-artifacts",
        level: "Read",
        pattern: "IRSA in one account",
      });
      grantId = grant.grantId;
      url = await manifestUrl(dana, grantId);
      approved = await awsState();
    });

    test.afterAll(async () => {
      test.setTimeout(90_000);
      if (grantId) await revoke(dana, grantId);
      await dana.context().close();
    });

    const drift = (page: Page) => page.getByRole("region", { name: "Drift" });

    test("is as approved at first, and says when that was compared", async () => {
      test.setTimeout(60_000);
      await dana.goto(`/access/${grantId}`);
      await expect(drift(dana).getByText("As approved", { exact: true })).toBeVisible();
      const before = await drift(dana).locator("time").first().getAttribute("datetime");
      await drift(dana).getByRole("button", { name: "Check now" }).click();
      await expect
        .poll(() => drift(dana).locator("time").first().getAttribute("datetime"), { timeout: 30_000 })
        .not.toBe(before);
      await expect(drift(dana).getByText("As approved", { exact: true })).toBeVisible();
      await expect(drift(dana).getByRole("button", { name: "Repair" })).toHaveCount(0);
    });

    test("is found, in words that say what it means, with the plan that leads back", async () => {
      test.setTimeout(90_000);
      await tamperWith(grantId, "trust");
      await drift(dana).getByRole("button", { name: "Check now" }).click();
      const section = drift(dana);
      await expect(section.getByText("Wider than approved", { exact: true })).toBeVisible({
        timeout: 30_000,
      });
      await expect(dana.getByText("Somebody gets in whom nobody approved")).toBeVisible();
      await expect(
        section.getByText(/^The trust policy of the role .* allows more than was approved$/),
      ).toBeVisible();
      await expect(
        section.getByText(/Others than the approved workload may take on this role/),
      ).toBeVisible();
      await expect(section.getByRole("heading", { name: "What a repair does" })).toBeVisible();
      await section.getByRole("button", { name: /^Update.*Role / }).click();
      await expect(section.getByText(":sub", { exact: false }).first()).toBeVisible();
      await look(dana, "grant-drifted");
    });

    test("stands out in the list, at home and in history, and an auditor reads it and changes nothing", async ({
      browser,
    }) => {
      test.setTimeout(90_000);
      await dana.goto("/access?q=drifted-loader");
      await expect(dana.getByText("Lets others in", { exact: true })).toBeVisible();
      await dana.goto("/");
      await expect(
        dana.getByRole("region", { name: "Needs attention" }).getByText("Lets others in", { exact: true }),
      ).toBeVisible();
      const auditor = await pageOf(browser, auditing);
      await auditor.goto("/history?type=grant.drifted");
      await expect(auditor.getByText(/is no longer in AWS as approved/).first()).toBeVisible();
      await auditor.goto(`/access/${grantId}`);
      await expect(drift(auditor).getByText("Wider than approved", { exact: true })).toBeVisible();
      await expect(drift(auditor).getByRole("button", { name: "Check now" })).toBeVisible();
      await expect(drift(auditor).getByRole("button", { name: "Repair" })).toHaveCount(0);
    });

    test("is repaired with one click, by keyboard, to exactly what was approved", async () => {
      test.setTimeout(120_000);
      await dana.goto(`/access/${grantId}`);
      const section = drift(dana);
      await section.getByRole("button", { name: "Repair" }).focus();
      await dana.keyboard.press("Enter");
      await expect(section.getByText("As approved", { exact: true })).toBeVisible({ timeout: 60_000 });
      await expect(dana.getByText("Active", { exact: true }).first()).toBeVisible();
      expect(await awsState()).toEqual(approved);
      await expect(dana.getByText(/repaired/).first()).toBeVisible();
      const played = await playPod(url);
      expect(played.ok, played.output).toBe(true);
      await dana.getByRole("link", { name: "Repair", exact: true }).click();
      await expect(dana.getByText("The access is as approved again")).toBeVisible();
    });

    test("that was taken away in an account is given back by its owner, not by who asked for it", async ({
      browser,
    }) => {
      test.setTimeout(120_000);
      await dana.goto(`/access/${grantId}`);
      await tamperWith(grantId, "permissions");
      const section = drift(dana);
      await section.getByRole("button", { name: "Check now" }).click();
      await expect(section.getByText("Allows less than approved").first()).toBeVisible({ timeout: 30_000 });
      await expect(section.getByText("An owner has to repair it")).toBeVisible();
      await expect(section.getByText(/was taken away in .*That is for the owners to say/)).toBeVisible();
      await expect(section.getByRole("button", { name: "Repair" })).toHaveCount(0);
      await look(dana, "grant-taken-away");

      const priya = await pageOf(browser, "Priya");
      await priya.goto(`/access/${grantId}`);
      await expect(drift(priya).getByText("An owner has to repair it")).toHaveCount(0);
      await drift(priya).getByRole("button", { name: "Repair" }).click();
      await expect(section.getByText("As approved", { exact: true })).toBeVisible({ timeout: 60_000 });
      expect(await awsState()).toEqual(approved);
    });
  });

/** The demo's auditor. */
const auditing: Person = "Tomas";
