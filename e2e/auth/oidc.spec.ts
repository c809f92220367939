import { randomUUID } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { createDatabase, type Database } from "#lib/db/client.ts";
import { type Claims, type IdentityProvider, startIdentityProvider } from "../support/identity-provider.ts";
import { watch } from "../support/people.ts";
import { stack } from "../support/stack.ts";
import { freePort, startWeb, type Web } from "./web.ts";

/**
 * Single sign-on against a real OpenID provider. The web process is set up as the README says and no more: it has
 * the provider's three settings and APP_URL, and no sandbox at its side, so there are no personas.
 */

const sessionCookie = "drawbridge.session";

let provider: IdentityProvider;
let web: Web;
let appUrl: string;
let database: Database;
let attempts = 0;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const port = await freePort();
  // Not the address that the server listens at, as behind a load balancer. Chromium knows such names by itself.
  appUrl = `http://drawbridge.localhost:${port}`;
  provider = await startIdentityProvider(`${appUrl}/api/auth/callback/oidc`);
  database = createDatabase(stack().databaseUrl, { maxConnections: 2 });
  const { DRAWBRIDGE_SANDBOX_ENDPOINT: _sandbox, AUTH_URL: _url, ...env } = stack().env.web;
  web = await startWeb({
    ...env,
    APP_URL: appUrl,
    PORT: String(port),
    AUTH_OIDC_ISSUER: provider.issuer,
    AUTH_OIDC_CLIENT_ID: provider.clientId,
    AUTH_OIDC_CLIENT_SECRET: provider.clientSecret,
  });
});

test.afterAll(async () => {
  await web?.stop();
  // Nobody of this file may be asked for a decision in another one.
  if (provider) await database?.prisma.membership.deleteMany({ where: { person: ours() } });
  await database?.close();
  await provider?.close();
});

test.describe("signing in", () => {
  test("leads through the provider to a page with the person's name", async ({ page }) => {
    const ada = account({ name: "Ada Byron" });
    await signIn(page, ada);
    await expect(page).toHaveURL(`${appUrl}/`);
    await expect(page.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();
    await expect(menu(page, "Ada Byron")).toBeVisible();
    const [cookie] = (await page.context().cookies(appUrl)).filter(({ name }) => name === sessionCookie);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    expect(await person(ada)).toMatchObject({ name: "Ada Byron", email: "someone@example.com" });
  });

  test("leads back to the page that the person wanted", async ({ page }) => {
    watch(page, "Ada");
    await begin(page, "/requests?view=mine");
    await atProvider(page, account());
    await expect(page).toHaveURL(`${appUrl}/requests?view=mine`);
  });

  test("asks the provider with state, nonce and PKCE", async ({ page }) => {
    const before = provider.authorizations.length;
    await begin(page);
    await expect(page.getByRole("heading", { name: "The identity provider" })).toBeVisible();
    const [asked, ...more] = provider.authorizations.slice(before);
    expect(more).toEqual([]);
    expect(Object.fromEntries(asked ?? [])).toEqual({
      response_type: "code",
      client_id: provider.clientId,
      redirect_uri: `${appUrl}/api/auth/callback/oidc`,
      scope: "openid email profile",
      state: expect.stringMatching(/.{20}/),
      nonce: expect.stringMatching(/.{20}/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
  });

  test("offers no personas, and has no address that would take one", async ({ page }) => {
    watch(page, "Somebody");
    await page.goto(`${appUrl}/sign-in`);
    await expect(page.getByRole("button")).toHaveText(["Continue with single sign-on"]);
    await expect(page.getByText("Try it as")).toHaveCount(0);

    const answers = await page.evaluate(async () => {
      const providers = await (await fetch("/api/auth/providers")).json();
      const { csrfToken } = await (await fetch("/api/auth/csrf")).json();
      const body = () => new URLSearchParams({ csrfToken, subject: "ines" });
      const refusals: string[] = [];
      for (const path of ["callback/persona", "callback/credentials", "signin/persona"])
        refusals.push((await fetch(`/api/auth/${path}`, { method: "POST", body: body() })).url);
      return { ways: Object.keys(providers), refusals };
    });
    expect(answers.ways).toEqual(["oidc"]);
    for (const url of answers.refusals) expect(url).toMatch(/\/sign-in\?.*error=/);
    expect(await sessions(page)).toEqual([]);
    await page.goto(appUrl);
    await expect(page).toHaveURL(`${appUrl}/sign-in`);
  });
});

test.describe("groups", () => {
  test("of the claim make admins and approvers", async ({ browser }) => {
    const [admin, owner, developer] = await Promise.all(
      [["drawbridge-admins"], ["data-owners", "some-team"], ["some-team"]].map(async (groups, index) => {
        const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
        await signIn(page, account({ name: `Person ${index}`, groups }));
        return page;
      }),
    );
    if (!admin || !owner || !developer) throw new Error("Three people sign in.");
    await expect(menu(admin, "Person 0")).toContainText("Developer, Admin");
    await expect(admin.getByRole("link", { name: "Accounts" })).toBeVisible();
    await expect(menu(owner, "Person 1")).toContainText("Developer, Approver");
    await expect(owner.getByRole("link", { name: "Accounts" })).toHaveCount(0);
    await expect(menu(developer, "Person 2")).toContainText("Developer");
    await expect(menu(developer, "Person 2")).not.toContainText("Approver");
    await Promise.all([admin, owner, developer].map((page) => page.context().close()));
  });

  test("are those of the last sign-in, and none without a claim", async ({ page }) => {
    const ada = account({ name: "Ada Byron", groups: ["drawbridge-admins", "some-team"] });
    await signIn(page, ada);
    await expect(page.getByRole("link", { name: "Accounts" })).toBeVisible();
    expect(await groups(ada)).toEqual(["drawbridge-admins", "some-team"]);

    await signOut(page, "Ada Byron");
    change(ada, { groups: ["some-team", "ledger-owners"] });
    // The provider still knows her: it sends her straight back.
    await begin(page);
    await expect(menu(page, "Ada Byron")).toContainText("Developer, Approver");
    await expect(page.getByRole("link", { name: "Accounts" })).toHaveCount(0);
    expect(await groups(ada)).toEqual(["ledger-owners", "some-team"]);

    await signOut(page, "Ada Byron");
    change(ada, { groups: undefined });
    await begin(page);
    await expect(menu(page, "Ada Byron")).not.toContainText("Approver");
    expect(await groups(ada)).toEqual([]);
  });
});

test("the same email address at another subject is another person", async ({ browser }) => {
  const email = `twice-${randomUUID()}@example.com`;
  const [one, two] = [
    account({ name: "Ada Byron", email, groups: ["data-owners"] }),
    account({ name: "Ada Byron", email }),
  ];
  for (const subject of [one, two]) {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, subject);
    await page.context().close();
  }
  const rows = await database.prisma.person.findMany({ where: { email }, orderBy: { createdAt: "asc" } });
  expect(rows.map(({ issuer, subject }) => ({ issuer, subject }))).toEqual([
    { issuer: provider.issuer, subject: one },
    { issuer: provider.issuer, subject: two },
  ]);
  expect([await groups(one), await groups(two)]).toEqual([["data-owners"], []]);
});

test("signing out ends the session on the server, for every copy of its cookie", async ({
  page,
  browser,
}) => {
  const ada = account({ name: "Ada Byron" });
  await signIn(page, ada);
  const copy = await browser.newContext({ storageState: await page.context().storageState() });
  const thief = await copy.newPage();
  await thief.goto(appUrl);
  await expect(menu(thief, "Ada Byron")).toBeVisible();

  await signOut(page, "Ada Byron");
  expect(await sessions(page)).toEqual([]);
  expect(await sessions(thief)).toHaveLength(1);
  await thief.goto(`${appUrl}/requests`);
  await expect(thief).toHaveURL(/\/sign-in\?next=/);
  const rows = await database.prisma.session.findMany({ where: { person: { ...ours(), subject: ada } } });
  expect(rows).toMatchObject([{ revokedAt: expect.any(Date) }]);
  await copy.close();
});

test.describe("an answer that is not the provider's to this browser is refused:", () => {
  // It is the server that refuses.
  test.use({ javaScriptEnabled: false });

  for (const [what, tampered] of [
    [
      "another state",
      (answer: URL) => answer.searchParams.set("state", `x${answer.searchParams.get("state")}`),
    ],
    ["no state", (answer: URL) => answer.searchParams.delete("state")],
    ["another code", (answer: URL) => answer.searchParams.set("code", randomUUID())],
    ["another issuer", (answer: URL) => answer.searchParams.set("iss", "https://login.example.com")],
  ] as const) {
    test(what, async ({ page }) => {
      const ada = account();
      const answer = await providersAnswer(page, ada);
      tampered(answer);
      await page.goto(answer.href);
      await refused(page, "The identity provider could not be used");
      expect(await person(ada)).toBeNull();
    });
  }

  test("somebody else's code, however well the rest fits", async ({ page, browser }) => {
    const [ada, eve] = [account(), account()];
    const attacker = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    const stolen = await providersAnswer(attacker, eve);
    const answer = await providersAnswer(page, ada);
    answer.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    await page.goto(answer.href);
    await refused(page, "The identity provider could not be used");
    expect([await person(ada), await person(eve)]).toEqual([null, null]);
    await attacker.context().close();
  });

  test("an answer to another browser", async ({ page, browser }) => {
    const eve = account();
    const attacker = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    const answer = await providersAnswer(attacker, eve);
    await page.goto(answer.href);
    await refused(page, "The identity provider could not be used");
    expect(await person(eve)).toBeNull();
    await attacker.context().close();
  });

  test("an answer that was used", async ({ page, browser }) => {
    const answer = await providersAnswer(page, account({ name: "Ada Byron" }));
    const before = await page.context().storageState();
    await page.goto(answer.href);
    await expect(menu(page, "Ada Byron")).toBeVisible();
    const again = await (
      await browser.newContext({ javaScriptEnabled: false, storageState: before })
    ).newPage();
    await again.goto(answer.href);
    await refused(again, "The identity provider could not be used");
    await again.context().close();
  });

  test("none at all, while the provider is broken", async ({ page }) => {
    provider.broken = true;
    try {
      await begin(page);
      await refused(page, "The identity provider could not be used");
    } finally {
      provider.broken = false;
    }
  });

  test("a no, after which the person can try again", async ({ page }) => {
    await begin(page);
    await atProvider(page, "nobody");
    await refused(page, "The sign-in was not completed");
    await begin(page);
    await atProvider(page, account({ name: "Ada Byron" }));
    await expect(menu(page, "Ada Byron")).toBeVisible();
  });
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the form may lead to the provider, and only there", async ({ page }) => {
    watch(page, "Ada");
    const response = await page.goto(`${appUrl}/sign-in`);
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy.split("; ")).toContain(`form-action 'self' ${provider.issuer}`);
    await begin(page);
    await atProvider(page, account({ name: "Ada Byron" }));
    await expect(page).toHaveURL(`${appUrl}/`);
    expect(await sessions(page)).toHaveLength(1);
  });
});

test("the log keeps the secrets of all this to itself", () => {
  const log = web.output();
  expect(log).not.toContain(provider.clientSecret);
  expect(log).not.toMatch(/eyJ[\w-]{10,}\./);
});

/** Somebody new whom the provider knows. @returns their subject */
function account(claims: Partial<Claims> = {}): string {
  const subject = randomUUID();
  provider.accounts.set(subject, { name: "Somebody", email: "someone@example.com", ...claims });
  return subject;
}

function change(subject: string, claims: { groups: unknown }): void {
  const known = provider.accounts.get(subject);
  if (known) provider.accounts.set(subject, { ...known, ...claims });
}

async function signIn(page: Page, subject: string): Promise<void> {
  watch(page, subject);
  await begin(page);
  await atProvider(page, subject);
  await expect(page.getByRole("navigation").first()).toBeVisible();
}

/** From a page that needs a session to the provider, or to where it sends a person whom it knows. */
async function begin(page: Page, path = "/"): Promise<void> {
  // Attempts are limited for each address, which is rightly too few for all of these.
  attempts += 1;
  await page.setExtraHTTPHeaders({ "x-forwarded-for": `192.0.2.${attempts}` });
  await page.goto(new URL(path, appUrl).href);
  await expect(page).toHaveURL(/\/sign-in(\?|$)/);
  await page.getByRole("button", { name: "Continue with single sign-on" }).click();
}

async function atProvider(page: Page, subject: string): Promise<void> {
  await expect(page.getByRole("heading", { name: "The identity provider" })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(provider.issuer);
  await page.getByRole("textbox", { name: "Account" }).fill(subject);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.origin === appUrl);
}

async function signOut(page: Page, name: string): Promise<void> {
  await menu(page, name).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${appUrl}/sign-in`);
}

/** Signs in up to the provider's answer, which the browser does not follow. */
async function providersAnswer(page: Page, subject: string): Promise<URL> {
  await begin(page);
  await expect(page.getByRole("heading", { name: "The identity provider" })).toBeVisible();
  const options = { maxRedirects: 0, form: { account: subject } };
  const resumed = await page.request.post(page.url(), options);
  const resume = new URL(resumed.headers().location ?? "", provider.issuer);
  const answered = await page.request.get(resume.href, { maxRedirects: 0 });
  const answer = new URL(answered.headers().location ?? "");
  expect(answer.href).toMatch(`${appUrl}/api/auth/callback/oidc?`);
  return answer;
}

async function refused(page: Page, title: string): Promise<void> {
  await expect(page).toHaveURL(new RegExp(`^${appUrl}/sign-in\\?`));
  await expect(page.getByRole("alert").filter({ hasText: title })).toBeVisible();
  expect(await sessions(page)).toEqual([]);
}

async function sessions(page: Page) {
  return (await page.context().cookies(appUrl)).filter(({ name }) => name.startsWith(sessionCookie));
}

function menu(page: Page, name: string) {
  return page.getByRole("button", { name: `Account of ${name}` }).first();
}

const ours = () => ({ issuer: provider.issuer });

function person(subject: string) {
  return database.prisma.person.findUnique({
    where: { issuer_subject: { issuer: provider.issuer, subject } },
  });
}

async function groups(subject: string): Promise<string[]> {
  const rows = await database.prisma.membership.findMany({ where: { person: { ...ours(), subject } } });
  return rows.map(({ groupName }) => groupName).sort();
}
