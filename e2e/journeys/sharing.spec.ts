import { expect, type Page, test } from "@playwright/test";
import { playPod, rolesNamed } from "../support/aws.ts";
import { manifestUrl, provide, revoke } from "../support/grants.ts";
import { signedIn } from "../support/people.ts";
import { fillRequest, type Wanted } from "../support/request-form.ts";

/** A service account is one identity, so its grants share a role: the second must not disturb the first. */
test.describe
  .serial("two grants of one service account", () => {
    const serviceAccount = "shared-loader";
    const workload = { cluster: "prod-eu-1", namespace: "payments", serviceAccount };
    const bucket: Omit<Wanted, "reason"> = {
      ...workload,
      target: "arn:aws:s3:::halcyon-payments-artifacts",
      level: "Read",
      pattern: "IRSA in one account",
    };
    const queue: Omit<Wanted, "reason"> = {
      ...workload,
      target: "arn:aws:sqs:eu-west-1:111122223333:payment-retries",
      level: "Read",
    };
    const reason = "The loader fetches its release from there.";
    let dana: Page;
    let first = "";
    let second = "";
    let firstUrl: string;
    let secondUrl: string;

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(180_000);
      dana = await signedIn(browser, "Dana");
      first = (await provide(browser, dana, ["Priya"], bucket)).grantId;
      firstUrl = await manifestUrl(dana, first);
    });

    test.afterAll(async () => {
      test.setTimeout(120_000);
      for (const grantId of [first, second]) if (grantId) await revoke(dana, grantId);
      await dana.context().close();
    });

    test("hang on one role, and the pod gets in with either", async ({ browser }) => {
      test.setTimeout(180_000);
      const [role] = await rolesNamed(serviceAccount);
      second = (await provide(browser, dana, ["Priya"], queue)).grantId;
      secondUrl = await manifestUrl(dana, second);
      expect((await rolesNamed(serviceAccount)).map(({ arn }) => arn)).toEqual([role?.arn]);

      const before = await playPod(firstUrl);
      const after = await playPod(secondUrl);
      expect(before.ok, before.output).toBe(true);
      expect(after.ok, after.output).toBe(true);
      for (const { output } of [before, after]) expect(output).toContain(`assumed-role/${role?.name}/`);

      const others = dana.getByRole("complementary", { name: "About this access" });
      await expect(others.getByRole("link", { name: "halcyon-payments-artifacts" })).toBeVisible();
    });

    test("rule out a pattern that their identity can't hold, with the reason and the way out", async () => {
      test.setTimeout(90_000);
      // Chosen while the service account was another one, which still could be anything.
      await fillRequest(dana, {
        ...workload,
        serviceAccount: "fresh-loader",
        target: "arn:aws:s3:::halcyon-reports-archive",
        level: "Read",
        pattern: "OIDC federation",
        reason,
      });
      await dana.getByRole("textbox", { name: "Service account" }).fill(serviceAccount);
      const change = dana.getByRole("button", { name: /the access pattern$/ });
      await expect(change).toHaveAccessibleDescription(
        /already is .+, and it can be only one thing at a time/,
      );
      await expect(change).toHaveAccessibleDescription(
        /Choose a pattern that fits its identity, or use another service account/,
      );
      const away = dana.getByRole("radio", { name: "OIDC federation", exact: true });
      await expect(away).toBeDisabled();
      await expect(away).toHaveAccessibleDescription(/only one thing at a time/);

      await dana.getByRole("button", { name: "Submit request" }).click();
      await expect(dana.getByRole("region", { name: "Preview" })).toContainText(
        "This can't be requested yet",
      );
      await expect(dana).toHaveURL(/\/requests\/new$/);
      // The way out that the list offers.
      await dana.getByRole("radio", { name: "Resource policy", exact: true }).check();
      await expect(change).not.toHaveAccessibleDescription(/only one thing/);
      await expect(dana.getByRole("heading", { name: "Changes" })).toBeVisible();
    });

    test("are not granted twice: a duplicate is sent to the grant that is there", async () => {
      test.setTimeout(90_000);
      await fillRequest(dana, { ...bucket, reason });
      const target = dana.getByRole("combobox", { name: "Target" });
      await expect(target).toHaveAccessibleDescription(
        new RegExp(`already has read access.*/access/${first}`),
      );
      await expect(target).toHaveAccessibleDescription(/For a later end date, extend it instead/);
      await expect(dana.getByRole("link", { name: "Extend it instead" })).toHaveAttribute(
        "href",
        `/requests/new?change=${first}`,
      );
      await dana.getByRole("button", { name: "Submit request" }).click();
      await expect(target).toBeFocused();
      await expect(dana).toHaveURL(/\/requests\/new$/);
    });

    test("go one by one: revoking the first leaves the second working for the pod", async () => {
      test.setTimeout(150_000);
      const manifest = await (await fetch(firstUrl)).text();
      await revoke(dana, first);
      const revoked = first;
      first = "";
      expect((await fetch(firstUrl)).status).toBe(410);
      const gone = await playPod(`data:application/yaml,${encodeURIComponent(manifest)}`);
      expect(gone.output).not.toMatch(/^✓ s3:/m);
      const played = await playPod(secondUrl);
      expect(played.ok, played.output).toBe(true);

      await revoke(dana, second);
      second = "";
      expect(await rolesNamed(serviceAccount)).toEqual([]);
      await dana.goto(`/access/${revoked}`);
      await expect(dana.getByText("Nothing of it is left in AWS").first()).toBeVisible();
    });
  });
