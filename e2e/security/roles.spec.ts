import { existsSync, globSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { actionCall, replay } from "../support/actions.ts";
import { ask, provide, revoke, withdraw } from "../support/grants.ts";
import { type Person, pageOf, signIn, watch } from "../support/people.ts";
import { stack } from "../support/stack.ts";

const platform = "111122223333";

/** What is there to be seen: an open request, and a grant with its request and its run. */
interface Scene {
  open: number;
  number: number;
  grantId: string;
  runId: string;
}

let scene: Scene;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  const dana = await pageOf(browser, "Dana");
  const wanted = {
    cluster: "prod-eu-1",
    namespace: "payments",
    target: "arn:aws:s3:::halcyon-payments-artifacts",
    level: "Read",
  } as const;
  const { number, grantId } = await provide(browser, dana, ["Priya"], {
    ...wanted,
    serviceAccount: "seen-loader",
  });
  await dana.goto(`/requests/${number}`);
  const run = await dana.locator('a[href^="/runs/"]').first().getAttribute("href");
  const open = await ask(dana, { ...wanted, serviceAccount: "seen-asker" });
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

type Audience = "everyone" | "concerned" | "author" | "administration";

function addresses({ open, number, grantId, runId }: Scene): [string, Audience][] {
  return [
    ["/", "everyone"],
    ["/requests", "everyone"],
    ["/requests?view=all", "everyone"],
    ["/requests/new", "everyone"],
    ["/access", "everyone"],
    ["/access?view=all", "everyone"],
    ["/history", "everyone"],
    ["/playground", "everyone"],
    [`/requests/${open}`, "concerned"],
    [`/requests/${open}/edit`, "concerned"],
    [`/requests/${number}`, "concerned"],
    [`/runs/${runId}`, "concerned"],
    [`/access/${grantId}`, "concerned"],
    ["/admin/accounts", "administration"],
    ["/admin/accounts/new", "author"],
    [`/admin/accounts/${platform}`, "administration"],
    ["/admin/clusters", "administration"],
  ];
}

/** Requests and runs begin to stream before they know, so that theirs says 200, and what streams in that there is none. */
const beginsToStream = /^\/(requests|runs)\/\w/;
const streamedNotFound = "NEXT_HTTP_ERROR_FALLBACK;404";

const nothing = "There is no such page, or you may not see it";

/** Where the sign-in page leads to afterwards. */
function wayBack({ pathname, searchParams }: URL): string {
  expect(pathname).toBe("/sign-in");
  return searchParams.get("next") ?? "/";
}

test("without a session every page leads to the sign-in page, and back", async ({ browser, baseURL }) => {
  test.setTimeout(120_000);
  const page = await browser.newPage();
  for (const [address] of addresses(scene)) {
    // A page that is being streamed redirects when it gets to it: what came before must give nothing away.
    const response = await page.request.get(address, { maxRedirects: 0 });
    expect.soft(await response.text(), address).not.toMatch(/seen-(loader|asker)|halcyon/);
    if (response.status() === 307) {
      expect.soft(wayBack(new URL(response.headers().location ?? "", baseURL)), address).toBe(address);
      continue;
    }
    await page.goto(address);
    await page.waitForURL(/\/sign-in/);
    expect.soft(wayBack(new URL(page.url())), address).toBe(address);
  }
  const events = await page.request.get(`/api/events?topic=grant&id=${scene.grantId}`);
  expect(events.status()).toBe(401);
  await page.close();
});

const who: { person: Person; is: string; sees: Audience[] }[] = [
  { person: "Omar", is: "an approver of another team", sees: ["everyone"] },
  { person: "Lucas", is: "the owner of an account that is not concerned", sees: ["everyone"] },
  { person: "Dana", is: "the one who asked", sees: ["everyone", "concerned"] },
  { person: "Priya", is: "the owner of the account", sees: ["everyone", "concerned"] },
  { person: "Tomas", is: "the auditor", sees: ["everyone", "concerned", "administration"] },
  { person: "Ines", is: "the admin", sees: ["everyone", "concerned", "administration", "author"] },
];

for (const { person, is, sees } of who)
  test(`${is} (${person}) sees what concerns them, and for the rest there is no such page`, async ({
    browser,
  }) => {
    test.setTimeout(120_000);
    const page = await pageOf(browser, person);
    for (const [address, audience] of addresses(scene)) {
      // The lists hold what concerns the reader; that is of interest for those whom nothing concerns.
      if (audience === "everyone" && sees.includes("concerned")) continue;
      const response = await page.context().request.get(address);
      const seen = sees.includes(audience);
      const text = await response.text();
      expect.soft(response.headers()["cache-control"], address).toContain("no-store");
      if (!sees.includes("concerned")) expect.soft(text, address).not.toMatch(/seen-(loader|asker)/);
      if (!beginsToStream.test(address)) {
        expect.soft(response.status(), address).toBe(seen ? 200 : 404);
        continue;
      }
      expect.soft(text.includes(streamedNotFound), address).toBe(!seen);
    }
    const events = `/api/events?topic=grant&id=${scene.grantId}`;
    if (!sees.includes("concerned"))
      expect((await page.context().request.get(events)).status(), events).toBe(404);
  });

test("a page that one may not see looks like one that is not there", async ({ browser }) => {
  const omar = await pageOf(browser, "Omar");
  for (const address of [`/requests/${scene.open}`, `/runs/${scene.runId}`, `/access/${scene.grantId}`]) {
    await omar.goto(address);
    await expect.soft(omar.getByRole("heading", { level: 1 }), address).toHaveCount(1);
    await expect.soft(omar.getByText(nothing), address).toHaveCount(1);
  }
});

test("the auditor has no button that changes anything", async ({ browser }) => {
  const tomas = await pageOf(browser, "Tomas");
  const { open, number, grantId, runId } = scene;
  const changing =
    /^(Approve|Reject|Request changes|Comment|Withdraw|Revise|Revoke|Give up|Roll back|Retry|Make a command|Register|Unregister|Save|Edit|Remove|Read again|Sync|Add)/;
  for (const address of [
    `/requests/${open}`,
    `/requests/${number}`,
    `/runs/${runId}`,
    `/access/${grantId}`,
    "/admin/accounts",
    `/admin/accounts/${platform}`,
    "/admin/clusters",
  ]) {
    await tomas.goto(address);
    await expect(tomas.getByRole("heading", { level: 1 })).toBeVisible();
    await expect.soft(tomas.getByRole("button", { name: changing }), address).toHaveCount(0);
    await expect.soft(tomas.getByRole("link", { name: changing }), address).toHaveCount(0);
  }
  await tomas.goto(`/requests/${open}`);
  await expect(tomas.getByText("Auditors read requests and don't take part in them.")).toBeVisible();
});

test("only the one who asked may withdraw, and only owners may review", async ({ browser }) => {
  const [dana, priya] = [await pageOf(browser, "Dana"), await pageOf(browser, "Priya")];
  await dana.goto(`/requests/${scene.open}`);
  await expect(dana.getByRole("button", { name: "Withdraw", exact: true })).toBeVisible();
  await expect(dana.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
  await priya.goto(`/requests/${scene.open}`);
  await expect(priya.getByRole("button", { name: /^Approve/ })).toBeVisible();
  await expect(priya.getByRole("button", { name: "Withdraw", exact: true })).toHaveCount(0);
});

test("signing in leads back to our own pages, and nowhere else", async ({ browser, baseURL }) => {
  const dana = await pageOf(browser, "Dana");
  const elsewhere = [
    "https://evil.example/x",
    "//evil.example/x",
    "/\\evil.example",
    "/%5Cevil.example/..//evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "/api/auth/signout",
    "/sign-in?next=/sign-in",
  ];
  for (const next of [...elsewhere, "/history?type=grant.active"]) {
    const address = `/sign-in?${new URLSearchParams({ next })}`;
    const response = await dana.context().request.get(address, { maxRedirects: 0 });
    expect.soft(response.status(), next).toBe(307);
    const to = new URL(response.headers().location ?? "", baseURL);
    expect.soft(to.origin, next).toBe(new URL(baseURL ?? "").origin);
    if (next.startsWith("/history")) expect.soft(`${to.pathname}${to.search}`).toBe(next);
    else expect.soft(to.pathname, next).not.toMatch(/^\/(api|sign-in)/);
  }
});

test("a person who signs in on the way comes back to where they wanted to go", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page, "Lucas");
  await page.goto("/sign-in?next=//evil.example/x");
  await page.getByRole("button", { name: /^Lucas\b/ }).click();
  await expect(page.getByRole("navigation").first()).toBeVisible();
  expect(page.url()).toBe(new URL("/", baseURL).href);
  await context.close();
});

test("pages come with a policy of a nonce that no two share, and break it nowhere", async ({ browser }) => {
  const tomas = await pageOf(browser, "Tomas");
  const nonces = new Set<string>();
  const broken: string[] = [];
  await tomas.exposeFunction("reportViolation", (text: string) => broken.push(text));
  await tomas.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      (window as unknown as { reportViolation: (text: string) => void }).reportViolation(
        `${event.violatedDirective} ${event.blockedURI}`,
      ),
    );
  });
  const seen = ["/", `/requests/${scene.open}`, `/access/${scene.grantId}`, `/runs/${scene.runId}`];
  for (const address of [...seen, "/requests/new", "/playground", "/no/such/page"]) {
    const response = await tomas.goto(address);
    const policy = response?.headers()["content-security-policy"] ?? "";
    const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect.soft(nonce, address).not.toBe("");
    nonces.add(nonce);
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
    expect.soft(scripts, address).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
    for (const directive of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
      expect.soft(policy, address).toContain(directive);
    const scriptTags = (await response?.text())?.match(/<script\b[^>]*>/g) ?? [];
    expect.soft(scriptTags.length, address).toBeGreaterThan(0);
    for (const tag of scriptTags) expect.soft(tag, address).toContain(`nonce="${nonce}"`);
    expect.soft(response?.headers()["x-content-type-options"]).toBe("nosniff");
  }
  expect(nonces.size).toBe(seen.length + 3);
  expect(broken).toEqual([]);
});

test("scripts can't read the cookies, and other sites can't send them", async ({ browser }) => {
  const dana = await pageOf(browser, "Dana");
  const cookies = await dana.context().cookies();
  expect(cookies.map(({ name }) => name)).toContain("drawbridge.session");
  for (const { name, httpOnly, sameSite } of cookies)
    expect.soft({ name, httpOnly, sameSite }).toEqual({ name, httpOnly: true, sameSite: "Lax" });
  await dana.goto("/");
  expect(await dana.evaluate(() => document.cookie)).toBe("");
});

test("signing out ends the session on the server, for a stolen copy of its cookie too", async ({
  browser,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page, "Tomas");
  await signIn(page, "Tomas");
  const thief = await browser.newContext({ storageState: await context.storageState() });
  const stolen = await thief.newPage();
  await stolen.goto("/requests");
  await expect(stolen.getByRole("heading", { name: "Requests" })).toBeVisible();
  await page.getByRole("button", { name: "Account of Tomas Berg" }).filter({ visible: true }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  await stolen.goto("/requests");
  await stolen.waitForURL(/\/sign-in/);
  expect((await thief.request.get("/api/events?topic=request&id=")).status()).toBe(401);
  await Promise.all([context.close(), thief.close()]);
});

test("the demo's sign-in makes nobody of an unknown person", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto("/sign-in");
  const call = await actionCall(page, () => page.getByRole("button", { name: /^Dana\b/ }).click());
  await expect(page.getByRole("navigation").first()).toBeVisible();
  expect(call.body).toContain("dana");
  const stranger = await browser.newContext();
  const strangers = await stranger.newPage();
  for (const subject of ["mallory", "DANA", "dana' OR '1'='1", "", "x".repeat(5_000)]) {
    const body = call.body.replaceAll('"dana"', JSON.stringify(subject));
    expect(body).not.toBe(call.body);
    await replay(strangers, call, { body });
    const session = (await stranger.cookies()).find(({ name }) => name === "drawbridge.session");
    expect.soft(session, subject).toBeUndefined();
  }
  // next-auth's own way in asks for its CSRF token, and then for a person that exists.
  const { csrfToken } = await (await stranger.request.get("/api/auth/csrf")).json();
  for (const form of [{ subject: "dana" }, { subject: "mallory", csrfToken: String(csrfToken) }]) {
    await stranger.request.post("/api/auth/callback/persona", { form, maxRedirects: 0 });
    expect.soft((await stranger.cookies()).map(({ name }) => name)).not.toContain("drawbridge.session");
  }
  await Promise.all([context.close(), stranger.close()]);
});

test("the web process has neither AWS credentials nor code that could use them", () => {
  const { env, pids } = stack();
  expect(Object.keys(env.web).filter((name) => name.startsWith("AWS_"))).toEqual([]);
  const process = `/proc/${pids.web}`;
  if (pids.web !== undefined && existsSync(process)) {
    const names = readFileSync(join(process, "environ"), "utf8").split("\0");
    expect(names.filter((name) => /^AWS_/.test(name))).toEqual([]);
  }
  const folders = pids.web === undefined ? builds() : [servedBy(process)];
  expect(folders.length).toBeGreaterThan(0);
  for (const folder of folders) {
    expect(globSync("node_modules/@aws-sdk/*", { cwd: folder })).toEqual([]);
    const files = globSync(".next/server/**/*.js", { cwd: folder });
    expect(files.length).toBeGreaterThan(0);
    const withSdk = files.filter((file) =>
      readFileSync(join(folder, file), "utf8").includes("@aws-sdk/client-"),
    );
    expect(withSdk).toEqual([]);
  }
});

/** Every build that is kept: without the number of the process any of them may be the one that runs. */
function builds(): string[] {
  const data = resolve(import.meta.dirname, "../../.data/web");
  return globSync("*/server.js", { cwd: data }).map((file) => join(data, dirname(file)));
}

/** Next's server makes its own folder the working directory. */
function servedBy(process: string): string {
  return readlinkSync(join(process, "cwd"));
}
