import { expect, type Page, test } from "@playwright/test";
import { awsState, tamper } from "../support/aws.ts";
import { ask, provide, revoke } from "../support/grants.ts";
import { look } from "../support/look.ts";
import { pageOf, park } from "../support/people.ts";
import { approve } from "../support/request-form.ts";

/** What AWS refuses halfway: said in plain words on the run's page, and from there carried on or taken back. */
test.describe
  .serial("a run that AWS refuses halfway", () => {
    const data = "444455556666";
    const wanted = (serviceAccount: string) => ({
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount,
      target: "arn:aws:s3:::halcyon-reports-archive",
      level: "Read" as const,
      prefix: "exports/2026",
      pattern: "Resource policy",
    });
    let dana: Page;
    let before: unknown;

    /** A statement of the account's own on the provisioner: nobody but the account's owner can see it coming. */
    const provisioner = (refused: string) =>
      tamper({
        accountId: data,
        kind: "role-policy",
        name: "drawbridge-provisioner",
        policyName: "of-the-owner",
        document: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Action: refused, Resource: "*" }],
        },
      });
    const harmless = "ec2:RunInstances";

    /** What the run's page says of its failure; the framework has an alert of its own. */
    const told = () => dana.getByRole("main").getByRole("alert");

    /** Asked for, approved by both owners, and failed; its run's page is open. */
    const failed = async (browser: Parameters<typeof pageOf>[0], serviceAccount: string) => {
      await provisioner("s3:PutBucketPolicy");
      const number = await ask(dana, wanted(serviceAccount));
      for (const person of ["Omar", "Priya"] as const) {
        const page = await pageOf(browser, person);
        await approve(page, number);
        await park(page);
      }
      const follow = dana.getByRole("link", { name: /run/i }).first();
      await expect(dana.getByText("Failed", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
      await follow.click();
      await expect(dana).toHaveURL(/\/runs\//);
      await expect(told()).toContainText(
        /A policy of the organisation or account forbids the call.*s3:PutBucketPolicy/,
      );
      await expect(told()).toContainText("Ask who owns that policy");
    };

    test.beforeAll(async ({ browser }) => {
      dana = await pageOf(browser, "Dana");
      await provisioner(harmless);
      before = await awsState();
    });

    test.afterAll(() => provisioner(harmless));

    test("goes on from where it was when it is retried", async ({ browser }) => {
      test.setTimeout(180_000);
      await failed(browser, "retried-reader");
      await look(dana, "run-failed");
      await provisioner(harmless);
      await dana.getByRole("button", { name: "Retry" }).click();
      await expect(dana.getByText("Both accounts are ready")).toBeVisible({ timeout: 60_000 });
    });

    test("says how far a revocation is that is refused, and ends when it is tried again", async () => {
      test.setTimeout(180_000);
      await dana.getByRole("link", { name: "Connect your workload" }).click();
      await expect(dana).toHaveURL(/\/access\//);
      await provisioner("s3:PutBucketPolicy");
      await dana.getByRole("button", { name: "Revoke" }).click();
      const dialog = dana.getByRole("alertdialog");
      await dialog.getByRole("textbox").fill("The test is over");
      await dialog.getByRole("button", { name: "Revoke access" }).click();
      await dana
        .getByRole("row", { name: /Revocation/ })
        .getByRole("link")
        .first()
        .click();
      await expect(told()).toContainText(/\d of \d steps are done: what is gone stays gone/, {
        timeout: 60_000,
      });
      await provisioner(harmless);
      await dana.getByRole("button", { name: "Retry" }).click();
      await expect(dana.getByText("Nothing of it is left in either account.")).toBeVisible({
        timeout: 60_000,
      });
      expect(await awsState()).toEqual(before);
    });

    test("is given up by an admin when its revocation fails for good, and revoked once more when that can be done", async ({
      browser,
    }) => {
      test.setTimeout(240_000);
      await provisioner(harmless);
      const { grantId } = await provide(browser, dana, ["Omar", "Priya"], wanted("abandoned-reader"));
      await provisioner("s3:PutBucketPolicy");
      await dana.getByRole("button", { name: "Revoke" }).click();
      const dialog = dana.getByRole("alertdialog");
      await dialog.getByRole("textbox").fill("The account is closed");
      await dialog.getByRole("button", { name: "Revoke access" }).click();
      const revocation = dana.getByRole("row", { name: /Revocation/ }).getByRole("link");
      await revocation.first().click();
      await expect(told()).toBeVisible({ timeout: 60_000 });

      const admin = await pageOf(browser, "Ines");
      await admin.goto(dana.url());
      const alert = admin.getByRole("main").getByRole("alert");
      for (const times of [1, 2]) {
        await expect(alert).toContainText(`has failed ${times} of the 3 times`, { timeout: 60_000 });
        await admin.getByRole("button", { name: "Retry" }).click();
      }
      await admin.getByRole("button", { name: "Give up" }).click({ timeout: 60_000 });
      await expect(dana.getByRole("button", { name: "Give up" })).toHaveCount(0);
      const giving = admin.getByRole("alertdialog");
      await expect(giving).toContainText(
        `arn:aws:s3:::halcyon-reports-archive#statements/Drawbridge${grantId}`,
      );
      await giving.getByRole("textbox", { name: "Reason" }).fill("The account was closed.");
      await giving.getByRole("textbox", { name: /to confirm/ }).fill(data);
      await giving.getByRole("button", { name: "Give up" }).click();
      await expect(giving).toContainText(`Write it as it stands there: 111122223333 ${data}`);
      await giving.getByRole("textbox", { name: /to confirm/ }).fill(`111122223333 ${data}`);
      await giving.getByRole("button", { name: "Give up" }).click();
      await expect(admin.getByText("This revocation was given up").first()).toBeVisible();
      await park(admin);

      await dana.goto(`/access/${grantId}`);
      await expect(dana.getByText("Given up", { exact: true }).first()).toBeVisible();
      await expect(dana.getByText(/so it may still work/)).toBeVisible();
      await look(dana, "access-given-up");
      await provisioner(harmless);
      await revoke(dana, grantId);
      expect(await awsState()).toEqual(before);
    });

    test("is rolled back to what was there before it", async ({ browser }) => {
      test.setTimeout(180_000);
      await failed(browser, "undone-reader");
      expect(await awsState()).not.toEqual(before);
      await provisioner(harmless);
      await dana.getByRole("button", { name: "Roll back" }).click();
      const dialog = dana.getByRole("alertdialog");
      await dialog.getByRole("textbox").fill("We choose another account");
      await dialog.getByRole("button", { name: "Roll back" }).click();
      await dana.getByRole("button", { name: "Follow the run" }).click();
      await expect(dana.getByText("Nothing of it is left in either account.")).toBeVisible({
        timeout: 60_000,
      });
      expect(await awsState()).toEqual(before);
    });
  });
