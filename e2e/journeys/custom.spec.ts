import { expect, type Page, test } from "@playwright/test";
import { awsState, playPod } from "../support/aws.ts";
import { activeGrant, manifestUrl, revoke } from "../support/grants.ts";
import { look } from "../support/look.ts";
import { pageOf, park } from "../support/people.ts";
import { approve, fillRequest, submitRequest } from "../support/request-form.ts";

/** Single actions under conditions, asked for in the form's own editor, and given to the pod as they were approved. */
test.describe
  .serial("custom access", () => {
    const bucket = "arn:aws:s3:::halcyon-ledger-snapshots";
    const wanted = {
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount: "custom-exporter",
      target: bucket,
      level: "Read" as const,
      prefix: "monthly/2026",
      pattern: "Role chaining",
      reason: "The exporter lists the month's snapshots and adds its own from the office.",
    };
    let dana: Page;
    let number = 0;
    let grantId = "";
    let before: unknown;

    test.beforeAll(async ({ browser }) => {
      before = await awsState();
      dana = await pageOf(browser, "Dana");
    });

    const custom = () => dana.getByRole("region", { name: "Custom permissions" });

    test("is chosen from the service's actions, and written as JSON with what is wrong beside it", async () => {
      test.setTimeout(120_000);
      await fillRequest(dana, wanted);
      await dana.getByRole("radio", { name: "Custom", exact: true }).click();
      await dana.getByRole("button", { name: "Submit request" }).click();
      await expect(custom().getByText(/lists no action/)).toBeVisible();

      await custom().getByRole("textbox", { name: "Search actions" }).fill("list the objects");
      await custom()
        .getByRole("checkbox", { name: /^s3:ListBucket / })
        .click();
      await custom().getByRole("button", { name: "Add a condition" }).click();
      const values = custom().getByRole("textbox", { name: "Values" });
      await values.fill("everywhere");
      await expect(custom().getByText(/"everywhere" is no address range/)).toBeVisible();
      await values.fill("198.51.100.0/24");
      await expect(custom().getByRole("alert")).toHaveCount(0);
      await look(dana, "custom-permissions");

      await custom().getByRole("radio", { name: "JSON" }).click();
      const text = custom().getByRole("textbox", { name: "Statements" });
      await expect(text).toContainText("198.51.100.0/24");
      const write = async (json: string) => {
        await text.click();
        await dana.keyboard.press("ControlOrMeta+A");
        await dana.keyboard.insertText(json);
      };
      await write('{"Statement": [{"Action": "s3:*", "Resource": "*"}]}');
      await expect(custom().getByText(/Resource is not for the request to say/)).toBeVisible();
      await expect(custom().locator(".cm-lintRange-error").first()).toContainText('"Resource"');
      await custom().getByRole("radio", { name: "List" }).click();
      await expect(custom().getByText(/Mend what is marked first/)).toBeVisible();
      const under = (condition: object) =>
        JSON.stringify({ Statement: [{ Action: ["s3:ListBucket"], Condition: condition }] });
      await write(under({ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }));
      await expect(custom().getByText(/Line 1: .*"10\.0\.0\.0\/8" is private/)).toBeVisible();
      await expect(custom().locator(".cm-lintRange-error").first()).toContainText("aws:SourceIp");
      // What can be asked for and is worth a word is said where it stands, by the server's findings.
      await write(under({ StringLike: { "aws:RequestedRegion": "eu-west-1" } }));
      await expect(custom().locator(".cm-lintRange-info")).toHaveText('"aws:RequestedRegion"');
      await expect(custom().getByText(/Line 1: Like without a wildcard/)).toBeVisible();
      await look(dana, "custom-finding");
      await write(
        JSON.stringify({
          Statement: [
            { Action: ["s3:ListBucket"], Condition: { IpAddress: { "aws:SourceIp": "198.51.100.0/24" } } },
            { Action: ["s3:PutObject"], Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } },
          ],
        }),
      );
      await expect(custom().getByRole("alert")).toHaveCount(0);
      await custom().getByRole("radio", { name: "List" }).click();
      await expect(custom().getByRole("region", { name: "Statement 2" })).toBeVisible();
      await expect(dana.getByRole("heading", { name: "Changes" })).toBeVisible();
      number = await submitRequest(dana);
      await expect(dana.getByRole("heading", { level: 1 })).toContainText(
        "2 actions on halcyon-ledger-snapshots",
      );
    });

    test("is shown to the approvers with its actions and conditions, and provisioned on their word", async ({
      browser,
    }) => {
      test.setTimeout(180_000);
      const priya = await pageOf(browser, "Priya");
      await priya.goto(`/requests/${number}`);
      const access = priya.getByRole("region", { name: "Access", exact: true });
      await expect(access.getByText("2 actions", { exact: true })).toBeVisible();
      await expect(access.getByText("s3:PutObject", { exact: true })).toBeVisible();
      await expect(
        access.getByText(/only if "aws:SourceIp" is an address in "203.0.113.0\/24"/),
      ).toBeVisible();
      for (const person of ["Priya", "Lucas"] as const) {
        const page = await pageOf(browser, person);
        await approve(page, number);
        await park(page);
      }
      grantId = await activeGrant(dana);
    });

    test("lets the pod do what is listed, where its condition holds, and nothing else", async () => {
      test.setTimeout(120_000);
      const url = await manifestUrl(dana, grantId);
      const played = await playPod(url);
      expect(played.ok, played.output).toBe(true);
      expect(played.output).toMatch(/✓ s3:ListBucket .*monthly\/2026\//);

      const manifest = await (await fetch(url)).text();
      const object = `${bucket}/monthly/2026/drawbridge-check`;
      const operations = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"];
      const more = manifest.replace(/"operation":"s3:ListBucket"(?<rest>[^}]*)\}/, (one, rest: string) =>
        [one.slice(0, -1), ...operations.map((name) => `"operation":"${name}"${rest}`)]
          .map((check, at) =>
            at === 0 ? check : check.replace(/"resource":"[^"]*"/, `"resource":"${object}"`),
          )
          .join("},{")
          .concat("}"),
      );
      const tried = await playPod(`data:application/yaml,${encodeURIComponent(more)}`);
      expect(tried.output).toMatch(/✓ s3:ListBucket/);
      for (const name of operations)
        expect(tried.output).toMatch(new RegExp(`✗ ${name} .*denied, expected allowed`));
    });

    test("is taken back whole", async () => {
      test.setTimeout(120_000);
      await revoke(dana, grantId);
      expect(await awsState()).toEqual(before);
    });
  });
