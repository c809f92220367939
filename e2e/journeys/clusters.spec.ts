import { expect, test } from "@playwright/test";
import { awsState } from "../support/aws.ts";
import { pageOf } from "../support/people.ts";

/** A cluster's way onto the list, and off it again. */
test("a cluster is registered and unregistered", async ({ browser }) => {
  const before = await awsState();
  // One that fails halfway may leave its cluster behind.
  const name = `short-lived-${test.info().retry}`;
  const ines = await pageOf(browser, "Ines");
  await ines.goto("/admin/clusters");
  await ines.getByRole("button", { name: "Register cluster" }).click();
  const dialog = ines.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /name/i }).fill(name);
  await dialog.getByRole("button", { name: "Register cluster" }).click();
  // Exact: the message that it is registered has a heading with the name in it.
  const card = ines.getByRole("heading", { name, exact: true });
  await expect(card).toBeVisible();

  await ines.getByRole("button", { name: `Unregister ${name}` }).click();
  const asked = ines.getByRole("alertdialog");
  await asked.getByRole("button", { name: "Unregister cluster" }).click();
  await expect(asked).toHaveCount(0);
  await expect(card).toHaveCount(0);
  await ines.goto("/history?type=cluster");
  await expect(ines.getByText(/unregistered the cluster/).first()).toBeVisible();
  expect(await awsState()).toEqual(before);
});
