import { expect, type Page, test } from "@playwright/test";
import { actionCall, replay } from "../support/actions.ts";
import { activeGrant, ask, revoke, withdraw } from "../support/grants.ts";
import { type Person, pageOf } from "../support/people.ts";
import type { Wanted } from "../support/request-form.ts";

const inPlatform: Omit<Wanted, "reason" | "serviceAccount"> = {
  cluster: "prod-eu-1",
  namespace: "payments",
  target: "arn:aws:s3:::halcyon-payments-artifacts",
  level: "Read",
};
const inData: Omit<Wanted, "reason" | "serviceAccount"> = {
  ...inPlatform,
  target: "arn:aws:s3:::halcyon-reports-archive",
  prefix: "exports/2026",
};

test.describe
  .serial("a request that two teams decide on", () => {
    let number: number;

    test("is approved with the keyboard alone: a, then Enter", async ({ browser }) => {
      test.setTimeout(90_000);
      const [dana, omar] = [await pageOf(browser, "Dana"), await pageOf(browser, "Omar")];
      number = await ask(dana, { ...inData, serviceAccount: "review-writer" });
      await omar.goto(`/requests/${number}`);
      await expect(omar.getByRole("button", { name: /^Approve/ })).toBeEnabled({ timeout: 30_000 });
      await omar.keyboard.press("a");
      const dialog = omar.getByRole("alertdialog", { name: "Approve version 1?" });
      await expect(dialog.getByRole("button", { name: "Approve" })).toBeFocused();
      await omar.keyboard.press("Enter");
      await expect(omar.getByText("Your approval is recorded.")).toBeVisible();
      await expect(dialog).toBeHidden();
      await expect(omar.getByText("You have reviewed this version already.")).toBeVisible();
      // On the page that its requester has open.
      await expect(dana.getByText("Approved by Omar Haddad")).toBeVisible();
      await expect(dana.getByText("1 of 2", { exact: true })).toBeVisible();
    });

    test("shows who could reach it, what of that is new, and why nobody else can", async ({ browser }) => {
      test.setTimeout(90_000);
      const priya = await pageOf(browser, "Priya");
      await priya.goto(`/requests/${number}`);
      await expect(priya.getByRole("region", { name: "At a glance" })).toContainText(
        "Newly let in: payments/review-writer on prod-eu-1. Nobody else.",
      );
      const proof = priya.getByRole("table", {
        name: "Who could reach halcyon-reports-archive, by the planned policies",
      });
      const row = (who: string) => proof.getByRole("row").filter({ hasText: who });
      const workload = row("Whoever may create pods or tokens in the namespace acts as it.");
      await expect(workload).toContainText("Allowed");
      await expect(workload).toContainText("New");
      await expect(workload).toContainText("s3:GetObject on halcyon-reports-archive/exports/2026/*");
      await expect(workload).toContainText('s3:ListBucket on halcyon-reports-archive only if "s3:prefix"');
      const beyond = row("The workload, beyond what was asked");
      await expect(beyond).toContainText("Refused");
      await expect(beyond).toContainText("s3:GetObject outside exports/2026/");
      await expect(row("Anybody without credentials")).toHaveCount(0);
      await proof.getByRole("button", { name: "7 others are refused, as they should be" }).click();
      for (const who of ["A person of the target's account", "Anybody without credentials"])
        await expect(row(who)).toContainText("Refused");
      const elsewhere = row("The same service account name in another namespace");
      await expect(elsewhere).toContainText("Refused");
      await elsewhere.getByText("Why", { exact: true }).click();
      await expect(elsewhere).toContainText("payments-other");
    });

    test("goes back for changes, which need a word of why", async ({ browser }) => {
      test.setTimeout(90_000);
      const [dana, priya] = [await pageOf(browser, "Dana"), await pageOf(browser, "Priya")];
      await priya.goto(`/requests/${number}`);
      await priya.getByRole("button", { name: "Request changes" }).click();
      const dialog = priya.getByRole("alertdialog");
      await dialog.getByRole("button", { name: "Request changes" }).click();
      await expect(dialog.getByText("Say what should change: the requester acts on it.")).toBeVisible();
      await dialog.getByRole("textbox").fill("November alone will do.");
      await dialog.getByRole("button", { name: "Request changes" }).click();
      await expect(dialog).toBeHidden();
      await expect(dana.getByText("Priya Nair asks for changes")).toBeVisible();
      await expect(dana.getByText("November alone will do.").first()).toBeVisible();
      await expect(dana.getByText("Changes requested", { exact: true })).toBeVisible();
    });

    test("is revised, which voids the approval of the old version", async ({ browser }) => {
      test.setTimeout(90_000);
      const [dana, omar] = [await pageOf(browser, "Dana"), await pageOf(browser, "Omar")];
      await revise(dana, number, 2, "exports/2026/11");
      await expect(dana.getByText("0 of 2", { exact: true })).toBeVisible();
      await expect(dana.getByText("Approved by Omar Haddad")).toHaveCount(0);
      await expect(omar.getByRole("button", { name: /^Approve/ })).toBeEnabled({ timeout: 30_000 });
    });

    test("can't be approved by who has an older version before them", async ({ browser }) => {
      test.setTimeout(90_000);
      const [dana, priya] = [await pageOf(browser, "Dana"), await pageOf(browser, "Priya")];
      await openApproval(priya, number);
      await revise(dana, number, 3, "exports/2026/12");
      // The page behind the dialog tells of the new version; the dialog is still about the one that was read.
      await expect(priya.getByText("version 3", { exact: true })).toBeVisible();
      const dialog = priya.getByRole("alertdialog", { name: "Approve version 2?" });
      await dialog.getByRole("button", { name: "Approve" }).click();
      await expect(dialog.getByRole("alert")).toContainText("The request has changed since you opened it");
      await expect(dialog.getByRole("alert")).toContainText("Reload the page to see how it stands now.");
      await expect(dana.getByText("0 of 2", { exact: true })).toBeVisible();
      await dialog.getByRole("button", { name: "Cancel" }).click();
    });

    test("takes the approvals of two people who press at the same moment, and runs once", async ({
      browser,
    }) => {
      test.setTimeout(180_000);
      const dana = await pageOf(browser, "Dana");
      const approvers = [await pageOf(browser, "Omar"), await pageOf(browser, "Priya")];
      for (const page of approvers) await openApproval(page, number);
      await Promise.all(
        approvers.map((page) =>
          page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click(),
        ),
      );
      for (const page of approvers) await expect(page.getByRole("alertdialog")).toBeHidden();
      const grantId = await activeGrant(dana);
      await expect(dana.getByText("2 of 2", { exact: true })).toBeVisible();
      await expect(dana.getByRole("listitem").filter({ hasText: "started provisioning" })).toHaveCount(1);
      await expect(
        dana.getByRole("listitem").filter({ hasText: "gave the last approval that was missing" }),
      ).toHaveCount(1);
      await revoke(dana, grantId);
    });
  });

test("a request is talked about and rejected, with the reason", async ({ browser }) => {
  test.setTimeout(90_000);
  const [dana, priya] = [await pageOf(browser, "Dana"), await pageOf(browser, "Priya")];
  const number = await ask(dana, { ...inPlatform, serviceAccount: "review-rejected" });
  await priya.goto(`/requests/${number}`);
  const comment = "What does <b>it</b> read there?\nSince when?";
  await priya.getByRole("textbox", { name: "Comment" }).fill(comment);
  await priya.getByRole("button", { name: "Comment", exact: true }).click();
  await expect(priya.getByRole("textbox", { name: "Comment" })).toHaveValue("");
  await expect(dana.getByText(comment)).toBeVisible();

  await expect(priya.getByRole("button", { name: /^Reject/ })).toBeEnabled();
  await priya.getByRole("button", { name: /^Reject/ }).click();
  const dialog = priya.getByRole("alertdialog");
  await dialog.getByRole("textbox").fill("The releases are public already.");
  await dialog.getByRole("button", { name: "Reject request" }).click();
  await expect(dialog).toBeHidden();
  await expect(dana.getByText("Priya Nair rejected this")).toBeVisible();
  await expect(dana.getByText("The releases are public already.").first()).toBeVisible();
  await expect(dana.getByRole("button", { name: "Withdraw", exact: true })).toHaveCount(0);
  await expect(dana.getByRole("link", { name: "Revise" })).toHaveCount(0);
  await dana.goto(`/requests/${number}/edit`);
  await expect(dana.getByRole("heading", { name: "This request can't be revised" })).toBeVisible();
});

test("a withdrawn request can't be approved any more, on a page that was open too", async ({ browser }) => {
  test.setTimeout(90_000);
  const [dana, priya] = [await pageOf(browser, "Dana"), await pageOf(browser, "Priya")];
  const number = await ask(dana, { ...inPlatform, serviceAccount: "review-withdrawn" });
  await openApproval(priya, number);
  await withdraw(dana, number);
  await expect(priya.getByText("Withdrawn", { exact: true }).first()).toBeVisible();
  await expect(priya.getByRole("alertdialog")).toHaveCount(0);
  await expect(priya.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
});

test("nobody approves what they asked for, not even by calling the server themselves", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const [priya, omar] = [await pageOf(browser, "Priya"), await pageOf(browser, "Omar")];
  // Priya owns the cluster's account: as anyone else's request, she could approve it.
  const number = await ask(priya, { ...inData, namespace: "ml", serviceAccount: "review-self" });
  await expect(priya.getByText("You asked for this, so you can't review it.")).toBeVisible();
  await priya.keyboard.press("a");
  await expect(priya.getByRole("alertdialog")).toHaveCount(0);

  await openApproval(omar, number);
  const call = await actionCall(omar, () =>
    omar.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click(),
  );
  await expect(priya.getByText("1 of 2", { exact: true })).toBeVisible();

  const answers: [Person, RegExp][] = [
    ["Priya", /You asked for this, so you can't review it/],
    ["Omar", /You have reviewed this version already/],
    ["Dana", /There is no such request, or you may not see it/],
    ["Tomas", /You are in none of the groups that decide/],
  ];
  for (const [person, words] of answers)
    await expect
      .soft(await (await replay(await pageOf(browser, person), call)).text(), person)
      .toMatch(words);
  // Ines may decide for the group that has nobody else, but only from a page of ours.
  const ines = await pageOf(browser, "Ines");
  for (const origin of ["https://evil.example", "null", ""]) {
    const headers = { ...call.headers, origin };
    const answer = await replay(ines, call, { headers });
    if (answer.ok())
      expect.soft(await answer.text(), origin).toMatch(/did not come from a page of Drawbridge/);
    else expect.soft(answer.status(), origin).toBeGreaterThanOrEqual(400);
  }
  await priya.reload();
  // While a page streams in, what is still to be put in its place stands at the end of the document, hidden.
  await expect(priya.getByText("1 of 2", { exact: true }).filter({ visible: true })).toBeVisible();
  await withdraw(priya, number);
});

async function openApproval(page: Page, number: number): Promise<void> {
  await page.goto(`/requests/${number}`);
  const button = page.getByRole("button", { name: /^Approve/ });
  await expect(button).toBeEnabled({ timeout: 30_000 });
  await button.click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
}

async function revise(page: Page, number: number, version: number, prefix: string): Promise<void> {
  await page.goto(`/requests/${number}`);
  await page
    .getByRole("link", { name: /^Revise/ })
    .first()
    .click();
  await page.waitForURL(/\/edit$/);
  await page.getByRole("textbox", { name: "Prefix" }).fill(prefix);
  await page.getByRole("button", { name: `Submit version ${version}` }).click();
  await page.waitForURL(/\/requests\/\d+$/);
  await expect(page.getByText(`version ${version}`, { exact: true })).toBeVisible();
}
