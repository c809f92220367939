import { mkdirSync } from "node:fs";
import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import { look, screenshots } from "../support/look.ts";
import { pageOf } from "../support/people.ts";

/** Policies and a request, as anybody who is signed in can try them: findings, the decision and why, as one types. */

const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4E5F60718293A4B5C6D7E8F90";
const provider = `arn:aws:iam::111122223333:oidc-provider/${issuer}`;

function trust(sub: string): string {
  const Condition = {
    StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${issuer}:sub`]: `system:serviceaccount:${sub}` },
  };
  const Action = "sts:AssumeRoleWithWebIdentity";
  const Statement = [{ Sid: "Pods", Effect: "Allow", Principal: { Federated: provider }, Action, Condition }];
  return JSON.stringify({ Version: "2012-10-17", Statement }, null, 2);
}

const reader = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Read",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::reports-archive/*",
      Condition: { StringEquals: { "aws:SourceVpce": "vpce-0a1b2c3d" } },
    },
  ],
});

async function open(browser: Browser): Promise<Page> {
  const page = await pageOf(browser, "Dana");
  // A page that is open already would keep what the last test typed.
  await page.goto("about:blank");
  await page.goto("/playground");
  await expect(page.getByRole("button", { name: "Add a policy" })).toBeVisible();
  return page;
}

async function addPolicy(page: Page, kind: string): Promise<Locator> {
  await page.getByRole("button", { name: "Add a policy" }).click();
  await page.getByRole("menuitem", { name: new RegExp(`^${kind}`) }).click();
  const editor = page.getByRole("textbox", { name: kind });
  await expect(editor).toBeVisible();
  return editor;
}

async function replaceText(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

/** As from the clipboard, which a browser without a screen has none of. */
async function paste(editor: Locator, text: string): Promise<void> {
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

const decision = (page: Page) => page.getByRole("region", { name: "Decision" });
const findings = (page: Page, name: string) => page.getByRole("region", { name: `Findings of the ${name}` });

test.beforeAll(() => {
  if (screenshots) mkdirSync(screenshots, { recursive: true });
});

test("a trust that is too wide has a finding at its place; mended, it has none", async ({ browser }) => {
  const page = await open(browser);
  const editor = await addPolicy(page, "Trust policy");
  await replaceText(page, editor, trust("*:reports"));
  await expect(findings(page, "trust policy")).toContainText("A sub that any service account meets");
  await expect(page.locator(".cm-lintRange-error")).toContainText("system:serviceaccount:*:reports");
  await expect(page.locator(".cm-lint-marker-error")).toBeVisible();
  await findings(page, "trust policy")
    .getByRole("button", { name: /^Line \d+/ })
    .first()
    .click();
  await expect(editor).toBeFocused();

  await replaceText(page, editor, trust("payments:reports"));
  await expect(findings(page, "trust policy")).not.toContainText("A sub that any service account meets");
  await expect(page.locator(".cm-lintRange-error")).toHaveCount(0);
});

test("a request has a decision, the reason, and the statement that decides", async ({ browser }) => {
  const page = await open(browser);
  await replaceText(page, await addPolicy(page, "Identity policy"), reader);
  await expect(decision(page)).toContainText("No decision yet");
  await page.getByLabel("Role ARN").fill("arn:aws:iam::444455556666:role/reports");
  await page.getByLabel("Action").fill("s3:GetObject");
  await page.keyboard.press("Escape");
  await page.getByLabel("Resource", { exact: true }).fill("arn:aws:s3:::reports-archive/may.csv");
  await expect(decision(page)).toContainText("Fill in the account that owns the resource.");
  await page.getByLabel("Account that owns the resource").fill("444455556666");

  await expect(decision(page)).toContainText("Unknown");
  await decision(page).getByRole("button", { name: "Say what aws:SourceVpce is" }).click();
  await page.getByLabel("Value of key").fill("vpce-ffffffff");
  await expect(decision(page)).toContainText("Implicitly denied");
  const why = page.getByRole("region", { name: "Why" });
  await expect(why).toContainText("Does not apply: Condition");
  await expect(why.getByLabel("Elements of Read")).toContainText("vpce-ffffffff");

  await page.getByLabel("Value of key").fill("vpce-0a1b2c3d");
  await expect(decision(page)).toContainText("Allowed");
  await expect(decision(page)).toContainText("statement Read of the identity policy");
  await expect(why).toContainText('only if "aws:SourceVpce" is "vpce-0a1b2c3d"');
  await expect(page.locator(".cm-statement-allows")).not.toHaveCount(0);

  await page.getByLabel("Account that owns the resource").fill("111122223333");
  await expect(decision(page)).toContainText("Implicitly denied");
  await expect(decision(page)).toContainText("no policy on the resource");
});

test("equal keys are caught, and what can't be read hides nothing else", async ({ browser }) => {
  const page = await open(browser);
  await page.getByRole("button", { name: /^The same key twice/ }).click();
  await expect(findings(page, "trust policy")).toContainText('An object has "StringEquals" twice.');
  await expect(decision(page)).toContainText("Unknown");
  await expect(decision(page)).toContainText("Not read: the trust policy.");
  await replaceText(page, await addPolicy(page, "Identity policy"), reader);
  await expect(page.getByRole("region", { name: "Why" })).toContainText(
    "It can't be read: see its findings.",
  );
  await expect(page.getByRole("region", { name: "Why" })).toContainText("Read");
});

test("all of it by keyboard: add, complete, the next finding, and out again", async ({ browser }) => {
  const page = await open(browser);
  await page.getByRole("button", { name: "Add a policy" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: /^Identity policy/ })).toBeVisible();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const editor = page.getByRole("textbox", { name: "Identity policy" });
  await expect(editor).toBeVisible();
  await editor.focus();
  await page.keyboard.insertText('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"');
  await page.keyboard.type("s3:GetObj");
  const options = page.getByRole("listbox", { name: "Completions" });
  await expect(options.getByRole("option").first()).toContainText("s3:GetObject");
  await expect(options.getByRole("option").first()).toContainText("read");
  // CodeMirror takes no key for a choice in the first moments of a list.
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await expect(editor).toContainText('"Action":"s3:GetObject');
  await page.keyboard.insertText('","Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}]}');
  await expect(findings(page, "identity policy").getByRole("listitem")).not.toHaveCount(0);
  await page.keyboard.press("F8");
  await expect(page.locator(".cm-tooltip-lint, .cm-lintRange-active").first()).toBeVisible();
  // Tab indents; after Escape it leaves.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor).not.toBeFocused();
});

test("the address is a link to what is seen, and nothing else is kept", async ({ browser }) => {
  const page = await open(browser);
  await page.getByRole("button", { name: /^A namespace left open/ }).click();
  await expect(page).toHaveURL(/#p=[\w-]+$/);
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(decision(page)).toContainText("Allowed");
  await expect(page.getByRole("textbox", { name: "Trust policy" })).toContainText(
    "system:serviceaccount:*:reports",
  );
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page).toHaveURL(/\/playground$/);
  await page.goto("about:blank");
  await page.goto(link.slice(0, -12));
  await expect(page.getByText("This link holds no playground that can be read")).toBeVisible();
});

test("a pasted manifest is told for what it is, and what is wrong with it is said", async ({ browser }) => {
  const page = await open(browser);
  const manifest = [
    "apiVersion: v1",
    "kind: ServiceAccount",
    "metadata:",
    "  name: reports",
    "  namespace: payments",
    "  annotations:",
    "    eks.amazonaws.com/role-arn: iam::444455556666:role/reports",
  ].join("\n");
  await paste(await addPolicy(page, "Identity policy"), manifest);
  const editor = page.getByRole("textbox", { name: "Service account" });
  await expect(editor).toContainText("kind: ServiceAccount");
  await expect(findings(page, "service account")).toContainText("does not begin with arn:aws:");
  await replaceText(page, editor, manifest.replace("iam::", "arn:aws:iam::"));
  await expect(findings(page, "service account")).not.toContainText("does not begin with arn:aws:");
});

test("a policy alone is read back in plain words, and clearing can be undone", async ({ browser }) => {
  const page = await open(browser);
  await replaceText(page, await addPolicy(page, "Trust policy"), trust("*:reports"));
  const said = page.getByRole("region", { name: "What the trust policy says" });
  await expect(said).toContainText("system:serviceaccount:*:reports");
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(said).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(said).toContainText("system:serviceaccount:*:reports");
});

test("an address that is no playground says so", async ({ browser }) => {
  const page = await open(browser);
  await page.goto("about:blank");
  await page.goto("/playground#AAAA");
  await expect(page.getByText("This link holds no playground that can be read")).toBeVisible();
});

test("ten megabytes and ten thousand levels are answered at once, and typing goes on", async ({
  browser,
}) => {
  const page = await open(browser);
  const editor = await addPolicy(page, "Identity policy");
  await replaceText(page, editor, "{}");
  await paste(editor, "x".repeat(10 * 1024 * 1024));
  await expect(page.getByText("That is longer than any policy, and was not taken over")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+a");
  await paste(editor, "[".repeat(10_000));
  await expect(findings(page, "identity policy")).toContainText("Nested deeper than any policy");
  await page.keyboard.press("ControlOrMeta+a");
  await paste(editor, reader);
  await expect(findings(page, "identity policy")).not.toContainText("Nested deeper than any policy");
});

test("the routes are for who is signed in, on our own pages, with a body of their shape", async ({
  browser,
  baseURL,
}) => {
  const page = await open(browser);
  const origin = new URL(baseURL ?? "").origin;
  const body = { kind: "identity", text: reader };
  const post = (data: unknown, headers: Record<string, string> = { origin }) =>
    page.request.post("/api/policies/check", { data, headers });
  const answer = await post(body);
  expect(answer.status()).toBe(200);
  expect(answer.headers()["cache-control"]).toContain("no-store");
  expect((await post(body, { origin: "https://evil.example" })).status()).toBe(403);
  expect((await post(body, {})).status()).toBe(403);
  for (const bad of [
    { ...body, extra: 1 },
    { ...body, kind: "other" },
    { ...body, accountId: "1" },
    { kind: "identity" },
    [],
  ])
    expect((await post(bad)).status()).toBe(422);
  expect((await post({ ...body, text: "x".repeat(65_537) })).status()).toBe(422);
  expect((await post({ ...body, text: "x".repeat(300_000) })).status()).toBe(413);
  expect((await page.request.get("/api/policies/services/s3")).status()).toBe(200);
  expect((await page.request.get("/api/policies/services/nosuchservice")).status()).toBe(404);
  expect((await page.request.get("/api/policies/services/__proto__")).status()).toBe(404);

  const stranger = await browser.newContext();
  const asked = [
    stranger.request.post("/api/policies/check", { data: body, headers: { origin } }),
    stranger.request.get("/api/policies/services"),
    stranger.request.get("/api/policies/services/s3"),
  ];
  for (const response of await Promise.all(asked)) expect(response.status()).toBe(401);
  await stranger.close();
});

test("it looks right empty", async ({ browser }) => {
  test.setTimeout(90_000);
  await look(await open(browser), "playground-empty");
});

test("it looks right with a finding", async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await open(browser);
  await page.getByRole("button", { name: /^A namespace left open/ }).click();
  await expect(findings(page, "trust policy").getByRole("listitem")).toHaveCount(1);
  await look(page, "playground-trust");
});

test("it looks right with several policies", async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await open(browser);
  await page.getByRole("button", { name: /^Resource policy\s*What/ }).click();
  await addPolicy(page, "Service control policy");
  await expect(decision(page)).toBeVisible();
  await look(page, "playground-policies");
});

test("a policy of another kind is told for what it seems to be, and what is not here is said", async ({
  browser,
}) => {
  const page = await open(browser);
  const editor = await addPolicy(page, "Identity policy");
  await replaceText(page, editor, trust("payments:reports"));
  await expect(page.getByText("This looks like a trust policy")).toBeVisible();
  await look(page, "playground-kind");
  await page.getByRole("button", { name: "Take it for that" }).click();
  await expect(page.getByRole("textbox", { name: "Trust policy" })).toContainText("payments:reports");
  await expect(page.getByText(/^This looks like/)).toHaveCount(0);
  await page.getByRole("button", { name: "Kind: Trust policy" }).click();
  await page.getByRole("menuitem", { name: /^Resource policy/ }).click();
  await expect(page.getByText("This looks like a trust policy")).toBeVisible();

  await page.getByLabel("Role ARN").fill("arn:aws:iam::111122223333:role/reports");
  await page.getByLabel("Action").fill("s3:GetObject");
  await page.keyboard.press("Escape");
  await page.getByLabel("Resource", { exact: true }).fill("arn:aws:s3:::reports-archive/may.csv");
  await page.getByLabel("Account that owns the resource").fill("111122223333");
  await expect(decision(page)).toContainText("Implicitly denied");
  await expect(decision(page)).toContainText("No policy of the caller is here");
  await decision(page).getByRole("button", { name: "Add one of the caller" }).click();
  await expect(page.getByRole("textbox", { name: "Identity policy" })).toBeVisible();
});
