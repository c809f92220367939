import { expect, type Locator, type Page, test } from "@playwright/test";
import { type ActionCall, isAction, replay } from "../support/actions.ts";
import { callsSince } from "../support/aws.ts";
import { withdraw } from "../support/grants.ts";
import { signedIn } from "../support/people.ts";
import { fillRequest, submitRequest, type Wanted } from "../support/request-form.ts";

/** What is wrong is said beside the field, with the way out, and nothing comes of it: no row, no call to AWS. */

const valid: Wanted = {
  cluster: "prod-eu-1",
  namespace: "payments",
  serviceAccount: "input-loader",
  target: "arn:aws:s3:::halcyon-reports-archive",
  level: "Read",
  prefix: "exports/2026",
  reason: "The nightly job needs it from the next release on.",
};

type TextField = "Namespace" | "Service account" | "Target" | "Prefix" | "Reason";
const good: Record<TextField, string> = {
  Namespace: valid.namespace,
  "Service account": valid.serviceAccount,
  Target: valid.target,
  Prefix: valid.prefix ?? "",
  Reason: valid.reason,
};

const namespaceRule = /lower-case letters, digits and hyphens.*RFC 1123/;
const serviceAccountRule = /lower-case letters, digits, hyphens and dots.*RFC 1123/;
const notAnArn = /is not an ARN\. Choose from the list, or paste the whole ARN/;
const sqs = (name: string, account = "111122223333") => `arn:aws:sqs:eu-west-1:${account}:${name}`;

const typed: [TextField, string, RegExp][] = [
  ["Namespace", "Payments", namespaceRule],
  ["Namespace", "-payments", namespaceRule],
  ["Namespace", "pay.ments", namespaceRule],
  ["Namespace", "p".repeat(64), /at most 63 characters/],
  ["Namespace", "*", namespaceRule],
  ["Namespace", "a: b\n- c #", namespaceRule],
  ["Service account", "loader_1", serviceAccountRule],
  ["Service account", "loader..x", serviceAccountRule],
  ["Service account", "load er", serviceAccountRule],
  ["Service account", "loader/../*", serviceAccountRule],
  ["Service account", "role+=,@name", serviceAccountRule],
  ["Service account", "[profile x]", serviceAccountRule],
  ["Service account", "s".repeat(254), /at most 253 characters/],
  ["Service account", "\u0024{aws:username}", serviceAccountRule],
  ["Service account", "<img src=x onerror=alert(1)>", serviceAccountRule],
  ["Target", "arn:aws:s3", notAnArn],
  ["Target", '"><script>alert(1)</script>', notAnArn],
  ["Target", "arn:aws:sqs:eu-west-1:1234:short-account", notAnArn],
  ["Target", sqs("queue", "123456789012"), /Account 123456789012 is not registered\. Ask an admin/],
  ["Target", "arn:aws-cn:sqs:cn-north-1:111122223333:queue", /partition aws-cn.*Choose a target in the/],
  ["Target", "arn:aws:dynamodb:eu-west-1:111122223333:table/x", /"dynamodb" are not supported\. Supported:/],
  ["Target", sqs("*"), /not a valid queue name.*no wildcards/],
  ["Target", sqs("\u0024{aws:username}"), /not a valid queue name/],
  ["Prefix", "exports/*", /wildcards and variables are not allowed/],
  ["Prefix", "home/\u0024{aws:username}", /wildcards and variables are not allowed/],
  ["Prefix", "exports/../../x", /can't have \. or \.\. as a part/],
  ["Prefix", "p".repeat(513), /At most 512 characters/],
  ["Reason", "because", /Say in a sentence why the access is needed/],
  ["Reason", "It is needed \u202Eyadot\u202C for the job.", /control characters/],
  ["Reason", "It is needed \u0007 for the nightly job.", /control characters/],
];

test.describe
  .serial("a hostile or mistaken form", () => {
    let dana: Page;
    let tomas: Page;
    let before: { newest: number; calls: number };
    let call: ActionCall;

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(90_000);
      dana = await signedIn(browser, "Dana");
      tomas = await signedIn(browser, "Tomas");
      before = { newest: await newestRequest(tomas), calls: (await callsSince(0)).at(-1)?.sequence ?? 0 };
    });

    test.afterAll(async () => {
      await Promise.all([dana.context().close(), tomas.context().close()]);
    });

    test("says beside each field what is wrong with it and what to do", async () => {
      test.setTimeout(240_000);
      await fillRequest(dana, valid);
      for (const [index, [name, value, says]] of typed.entries()) {
        const field = input(dana, name);
        await type(field, value);
        await expect.soft(field, `${name}: ${value}`).toHaveAccessibleDescription(says);
        await expect.soft(field, `${name}: ${value}`).toHaveAttribute("aria-invalid", "true");
        if (typed[index + 1]?.[0] === name) continue;
        await type(field, good[name]);
        await expect.soft(field, `${name}: ${good[name]}`).not.toHaveAttribute("aria-invalid", "true");
      }
      await expect(dana).toHaveURL(/\/requests\/new$/);
    });

    test("refuses end dates that are over or too far", async () => {
      const date = dana.getByRole("radio", { name: "Date", exact: true });
      await date.click();
      const problem = dana.locator("[data-problem]", { has: date });
      await dana.getByLabel("Last day").fill("2020-01-01");
      await expect(problem).toContainText("The end date is in the past. Choose a later date.");
      await dana.getByLabel("Last day").fill("2099-01-01");
      await expect(problem).toContainText(/Access lasts \d+ days at most\. Choose an earlier date/);
      await dana.getByRole("radio", { name: "30 days" }).click();
      await expect(problem).toHaveCount(0);
    });

    test("knows no cluster but those that are registered", async () => {
      const cluster = dana.getByRole("combobox", { name: "Cluster" });
      await cluster.fill("ghost-eu-9");
      await expect(dana.getByText("No such cluster. An admin can register it.")).toBeVisible();
      await dana.keyboard.press("Escape");
      await dana.keyboard.press("Tab");
      await expect(cluster).toHaveValue(/prod-eu-1/);
    });

    test("is not sent with a mistake in it, and the first one has the focus", async () => {
      const field = input(dana, "Service account");
      await field.fill("Not A Name");
      let sent = 0;
      dana.on("request", (request) => {
        if (isAction(request) && request.postData()?.includes("Not A Name")) sent += 1;
      });
      await dana.getByRole("button", { name: "Submit request" }).click();
      await expect(field).toBeFocused();
      expect(sent).toBe(0);
      await field.fill(valid.serviceAccount);
    });

    test("stays as it is when the portal does not answer", async () => {
      await expect(dana.getByRole("heading", { name: "Changes" })).toBeVisible();
      await dana.route("**/requests/new", (route) => {
        const request = route.request();
        const body = request.postData() ?? "";
        if (!isAction(request) || !body.includes(valid.reason)) return route.fallback();
        const { "content-type": type = "", accept = "*/*", "next-action": action = "" } = request.headers();
        const url = request.url();
        const headers = { "content-type": type, accept, "next-action": action, origin: new URL(url).origin };
        call = { url, headers, body };
        return route.abort();
      });
      await dana.getByRole("button", { name: "Submit request" }).click();
      await expect(dana.getByRole("alert").filter({ hasText: "The portal did not answer." })).toBeVisible();
      await expect(input(dana, "Reason")).toHaveValue(valid.reason);
      await dana.unrouteAll();
    });

    test("is judged again by the server, whatever the browser lets through", async () => {
      test.setTimeout(90_000);
      const [submission] = JSON.parse(call.body);
      const [grant] = submission.grants;
      const workload = (changes: object) => ({ workload: { ...submission.workload, ...changes } });
      const cluster = (changes: object) =>
        workload({ cluster: { ...submission.workload.cluster, ...changes } });
      const target = (changes: object) => ({
        grants: [{ ...grant, target: { ...grant.target, ...changes } }],
      });
      const bodies: [string, object, RegExp][] = [
        ["a cluster that is not registered", cluster({ name: "ghost-eu-9" }), /is not registered/],
        ["an account that is not registered", cluster({ accountId: "000000000000" }), /is not registered/],
        ["a namespace that climbs", workload({ namespace: "../kube-system" }), /RFC 1123/],
        ["a name with a line break", workload({ serviceAccount: "a\nb" }), /RFC 1123/],
        ["a wildcard", target({ arn: "arn:aws:s3:::halcyon-*" }), /"ok":false/],
        ["a bucket nobody has", target({ arn: "arn:aws:s3:::halcyon-nothing" }), /No registered account/],
        ["another's bucket", target({ accountId: "777788889999" }), /belongs to account 444455556666/],
        ["another partition", target({ arn: "arn:aws-cn:s3:::halcyon-reports-archive" }), /partition/],
        ["an end that is over", { grants: [{ ...grant, expiresAt: "2020-01-01T00:00:00Z" }] }, /in the past/],
        ["a pattern of their own", { grants: [{ ...grant, pattern: "admin" }] }, /does not exist/],
        ["no target", { grants: [] }, /Choose a target/],
        ["a field of ours", { status: "approved" }, /not a field of this/],
        ["an id of theirs", { grants: [{ ...grant, id: "0".repeat(12) }] }, /not a field of this/],
        ["another kind of text", { reason: { toString: "x" } }, /not the right form/],
      ];
      for (const [what, changes, says] of bodies) {
        const body = JSON.stringify([{ ...submission, ...changes }, crypto.randomUUID()]);
        const answer = await replay(dana, call, { body });
        const text = await answer.text();
        expect.soft(text, what).toContain('"ok":false');
        expect.soft(text, what).toMatch(says);
        expect.soft(text, what).toContain("nextStep");
      }
    });

    test("of ten megabytes is refused at once, wherever it is sent, and the server stays up", async () => {
      test.setTimeout(60_000);
      const huge = "x".repeat(10 * 1024 * 1024);
      const { request } = dana.context();
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const sends: [string, () => Promise<{ status(): number }>][] = [
        ["the server action", () => replay(dana, call, { body: JSON.stringify([{ reason: huge }]) })],
        [
          "a report",
          () =>
            request.post("/api/reports/x", {
              headers: { "content-type": "application/json" },
              data: `"${huge}"`,
            }),
        ],
        [
          "the sign-in",
          () =>
            request.post("/api/auth/callback/persona", {
              headers: form,
              data: `subject=${huge}`,
              maxRedirects: 0,
            }),
        ],
      ];
      for (const [where, send] of sends) {
        const started = Date.now();
        const response = await send();
        expect.soft([400, 413], `${where}: ${response.status()}`).toContain(response.status());
        expect.soft(Date.now() - started, where).toBeLessThan(10_000);
      }
      expect((await request.get("/api/health")).ok()).toBe(true);
    });

    test("leaves nothing behind: no request, and no call that changes AWS", async () => {
      expect(await newestRequest(tomas)).toBe(before.newest);
      const calls = await callsSince(before.calls);
      const changing = calls.filter(({ operation }) =>
        /^(Create|Put|Update|Delete|Attach|Detach|Tag|Untag|Set|Add|Remove)/.test(operation),
      );
      expect(changing).toEqual([]);
    });
  });

test("a reason full of markup is shown as the text it is", async ({ browser }) => {
  test.setTimeout(90_000);
  const dana = await signedIn(browser, "Dana");
  const reason =
    "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1)) \u0024{jndi:ldap://x} {{7*7}} &lt;b&gt;";
  await fillRequest(dana, { ...valid, serviceAccount: "input-markup", reason });
  const number = await submitRequest(dana);
  await expect(dana.getByText(reason, { exact: true })).toBeVisible();
  await expect(dana.locator("main img")).toHaveCount(0);
  await expect(dana.locator("main strong", { hasText: "bold" })).toHaveCount(0);
  await withdraw(dana, number);
  await dana.context().close();
});

function input(page: Page, name: TextField): Locator {
  return name === "Namespace" || name === "Target"
    ? page.getByRole("combobox", { name, exact: true })
    : page.getByRole("textbox", { name });
}

/** On to the next field, as a person would: open suggestions hide the rest of the page from assistive tools. */
async function type(field: Locator, text: string): Promise<void> {
  await field.fill(text);
  await field.press("Tab");
}

/** The list has the newest first. */
async function newestRequest(page: Page): Promise<number> {
  await page.goto("/requests?view=all");
  await expect(page.getByRole("heading", { name: "Requests", level: 1 })).toBeVisible();
  const links = page.locator('main a[href^="/requests/"]');
  const hrefs = await links.evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
  return Math.max(0, ...hrefs.map((href) => Number(/^\/requests\/(\d+)$/.exec(href)?.[1] ?? 0)));
}
