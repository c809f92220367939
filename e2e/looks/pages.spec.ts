import { mkdirSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { ask, provide, revoke, withdraw } from "../support/grants.ts";
import { look, screenshots } from "../support/look.ts";
import { type Person, pageOf, watch } from "../support/people.ts";
import { fillRequest, openEmptyForm } from "../support/request-form.ts";

/**
 * Every page in both themes, wide and narrow: no accessibility violation, nothing to scroll sideways, a quiet console.
 * SCREENSHOTS=folder keeps what was seen, of all four.
 */

const workload = { cluster: "prod-eu-1", namespace: "payments" };
const lake = {
  ...workload,
  serviceAccount: "report-publisher",
  target: "arn:aws:s3:::halcyon-reports-archive",
  level: "Read and write",
  prefix: "exports/2026",
} as const;

let scene: { open: number; number: number; grantId: string; runId: string };
test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  const dana = await pageOf(browser, "Dana");
  const { number, grantId } = await provide(browser, dana, ["Priya"], {
    ...workload,
    serviceAccount: "release-fetcher",
    target: "arn:aws:s3:::halcyon-payments-artifacts",
    level: "Read",
  });
  await dana.goto(`/requests/${number}`);
  const run = await dana.locator('a[href^="/runs/"]').first().getAttribute("href");
  const open = await ask(dana, lake);
  scene = { open, number, grantId, runId: run?.split("/").at(-1) ?? "" };
});

test.afterAll(async ({ browser }) => {
  test.setTimeout(90_000);
  const dana = await pageOf(browser, "Dana");
  if (scene) {
    await withdraw(dana, scene.open);
    await revoke(dana, scene.grantId);
  }
});

test("sign-in", async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const page = await context.newPage();
  watch(page, "Nobody");
  await page.goto("/sign-in");
  await look(page, "sign-in");
  await context.close();
});

const addresses: { name: string; person: Person; address: () => string }[] = [
  { name: "home", person: "Priya", address: () => "/" },
  { name: "requests", person: "Priya", address: () => "/requests?view=all" },
  { name: "request-to-review", person: "Priya", address: () => `/requests/${scene.open}` },
  { name: "request-approved", person: "Dana", address: () => `/requests/${scene.number}` },
  { name: "run", person: "Dana", address: () => `/runs/${scene.runId}` },
  { name: "access", person: "Dana", address: () => "/access" },
  { name: "grant", person: "Dana", address: () => `/access/${scene.grantId}` },
  { name: "history", person: "Ines", address: () => "/history?type=request.submitted" },
  { name: "admin-accounts", person: "Ines", address: () => "/admin/accounts" },
  { name: "admin-account", person: "Ines", address: () => "/admin/accounts/111122223333" },
  { name: "admin-account-new", person: "Ines", address: () => "/admin/accounts/new" },
  { name: "admin-clusters", person: "Ines", address: () => "/admin/clusters" },
  { name: "not-found", person: "Dana", address: () => "/admin/accounts" },
];

for (const { name, person, address } of addresses)
  test(name, async ({ browser }) => {
    test.setTimeout(90_000);
    const page = await pageOf(browser, person);
    await page.goto(address());
    await look(page, name);
  });

test("new request, empty", async ({ browser }) => {
  test.setTimeout(90_000);
  const dana = await pageOf(browser, "Dana");
  await openEmptyForm(dana);
  await look(dana, "request-new-empty");
});

test("new request, filled in", async ({ browser }) => {
  test.setTimeout(90_000);
  const dana = await pageOf(browser, "Dana");
  const reason = "The settlement job writes its nightly report there from release 42 on.";
  await fillRequest(dana, { ...lake, serviceAccount: "report-writer", reason });
  await expect(dana.getByRole("heading", { name: "Changes" })).toBeVisible();
  await look(dana, "request-new-filled");
});
