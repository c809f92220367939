import { expect, type Page, test } from "@playwright/test";
import { awsState, playPod } from "../support/aws.ts";
import { type Person, pageOf, park } from "../support/people.ts";
import { approve, fillRequest, submitRequest, type Wanted } from "../support/request-form.ts";

/**
 * The main job, once for every access pattern, to a bucket or a queue (each to each in
 * lib/sandbox/patterns.integration.test.ts): a request in the browser ends with both accounts
 * provisioned and the YAML on screen; the pod gets in and nobody else does; revoked, it is out and the accounts are
 * what they were before.
 */
interface Journey {
  title: string;
  requester: Person;
  /** In the order in which they approve. */
  approvers: Person[];
  wanted: Omit<Wanted, "reason">;
  /** In the ServiceAccount's YAML: the account whose role the annotation names; null for none. */
  annotated: string | null;
  configMap: boolean;
}

const platform = "111122223333";
const data = "444455556666";

const journeys: Journey[] = [
  {
    title: "IRSA in one account, to a bucket",
    requester: "Dana",
    approvers: ["Priya"],
    wanted: {
      cluster: "prod-eu-legacy",
      namespace: "payments",
      serviceAccount: "artifact-loader",
      target: "arn:aws:s3:::halcyon-payments-artifacts",
      level: "Read and write",
      pattern: "IRSA in one account",
    },
    annotated: platform,
    configMap: false,
  },
  {
    title: "OIDC federation, to a prefix of a bucket, asked by its account's only owner",
    requester: "Omar",
    // Omar owns the data account alone and asks himself, so an admin decides for it.
    approvers: ["Priya", "Ines"],
    wanted: {
      cluster: "prod-eu-1",
      namespace: "reporting",
      serviceAccount: "archive-reader",
      target: "arn:aws:s3:::halcyon-reports-archive",
      level: "Read",
      prefix: "exports/2026",
      pattern: "OIDC federation",
    },
    annotated: data,
    configMap: false,
  },
  {
    title: "role chaining, to a queue",
    requester: "Dana",
    approvers: ["Lucas", "Priya"],
    wanted: {
      cluster: "prod-eu-legacy",
      namespace: "payments",
      serviceAccount: "ledger-poster",
      target: "arn:aws:sqs:eu-west-1:777788889999:ledger-postings",
      level: "Write",
      pattern: "Role chaining",
    },
    annotated: platform,
    configMap: true,
  },
  {
    title: "a resource policy, chosen by Drawbridge, to a prefix of a bucket with statements of others",
    requester: "Dana",
    approvers: ["Omar", "Priya"],
    wanted: {
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount: "settlement-writer",
      target: "arn:aws:s3:::halcyon-reports-archive",
      level: "Read and write",
      prefix: "exports/2026",
    },
    annotated: platform,
    configMap: false,
  },
  {
    title: "Pod Identity in one account, to a queue",
    requester: "Dana",
    approvers: ["Priya"],
    wanted: {
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount: "retry-worker",
      target: "arn:aws:sqs:eu-west-1:111122223333:payment-retries",
      level: "Read",
      pattern: "EKS Pod Identity",
    },
    annotated: null,
    configMap: false,
  },
  {
    title: "Pod Identity with a target role, to a bucket",
    requester: "Dana",
    approvers: ["Priya", "Omar"],
    wanted: {
      cluster: "prod-eu-1",
      namespace: "payments",
      serviceAccount: "export-loader",
      target: "arn:aws:s3:::halcyon-customer-exports",
      level: "Read",
      pattern: "EKS Pod Identity",
    },
    annotated: null,
    configMap: false,
  },
];

// Side by side, each lane with a product of its own.
test.describe.configure({ mode: "parallel" });

for (const journey of journeys) {
  test(`${journey.title}: asked, approved, provisioned, used by the pod alone, revoked without a trace`, async ({
    browser,
  }) => {
    test.setTimeout(180_000);
    const before = await awsState();
    const requester = await pageOf(browser, journey.requester);
    const number = await test.step("ask", () => ask(requester, journey));

    await test.step("the requester can't approve", async () => {
      await expect(requester.getByText("You asked for this, so you can't review it.")).toBeVisible();
      await expect(requester.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
    });

    await test.step("the owners approve", async () => {
      for (const person of journey.approvers) {
        const page = await pageOf(browser, person);
        await approve(page, number);
        await park(page);
      }
    });

    await test.step("it is provisioned, live", () => watchProvisioning(requester));
    const manifestUrl = await test.step("the YAML is on screen", () => connect(requester, journey));
    const manifest = await (await fetch(manifestUrl)).text();

    await test.step("the pod gets in, and nobody else", async () => {
      const played = await playPod(manifestUrl);
      expect(played.output).toContain("other-service-account");
      expect(played.output).toContain("other-namespace");
      expect(played.output).toContain("other-cluster");
      expect(played.ok, played.output).toBe(true);
      // The page is open, and tells by itself.
      const verified = requester.getByText("Verified from inside the pod, in the sandbox");
      await expect(verified.filter({ visible: true })).toBeVisible();
    });

    await test.step("revoked", async () => {
      await requester.getByRole("button", { name: "Revoke" }).click();
      const dialog = requester.getByRole("alertdialog");
      await dialog.getByRole("textbox").fill("The job was retired");
      await dialog.getByRole("button", { name: "Revoke access" }).click();
      await expect(requester.getByText("Revoked", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    });

    await test.step("the pod is out, and the accounts are what they were", async () => {
      const played = await playPod(`data:application/yaml,${encodeURIComponent(manifest)}`);
      expect(played.ok).toBe(false);
      expect(played.output).not.toMatch(/^✓ (s3|sqs):/m);
      expect(await awsState()).toEqual(before);
    });
  });
}

async function ask(page: Page, { wanted }: Journey): Promise<number> {
  await fillRequest(page, { ...wanted, reason: "The nightly job needs it from the next release on." });
  await expect(page.getByRole("heading", { name: "Changes" })).toBeVisible();
  return submitRequest(page);
}

/** From the request to the run's page, to the end of the run, to the grant it made. */
async function watchProvisioning(page: Page): Promise<void> {
  const run = page.locator('a[href^="/runs/"]').first();
  await expect(run).toBeVisible({ timeout: 30_000 });
  await run.click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByText("Succeeded").first()).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: /Connect your workload/ }).click();
  await page.waitForURL(/\/access\/[0-9a-z]{12}$/);
}

async function connect(page: Page, { annotated, configMap }: Journey): Promise<string> {
  await expect(page.getByText("Active", { exact: true }).first()).toBeVisible();
  const connectSection = page.getByRole("region", { name: "Connect your workload" });
  await connectSection.getByRole("tab", { name: "ServiceAccount" }).click();
  const yaml = connectSection.getByRole("tabpanel");
  await expect(yaml).toContainText("kind: ServiceAccount");
  if (annotated) await expect(yaml).toContainText(`arn:aws:iam::${annotated}:role/drawbridge/`);
  else await expect(yaml).not.toContainText("eks.amazonaws.com/role-arn");
  await expect(connectSection.getByRole("tab", { name: "ConfigMap" })).toHaveCount(configMap ? 1 : 0);
  await connectSection.getByRole("button", { name: "Make a command" }).click();
  const command = await page
    .getByText(/kubectl apply -f 'http/)
    .first()
    .textContent();
  const url = /'(http[^']+)'/.exec(command ?? "")?.[1];
  if (!url) throw new Error(`No address in: ${command}`);
  return url;
}
