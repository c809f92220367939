import { expect, type Page, test } from "@playwright/test";
import { playPod, type RoleInAws, rolesNamed, type TrustDocument, tamper } from "../support/aws.ts";
import { manifestUrl, provide, revoke } from "../support/grants.ts";
import { signedIn } from "../support/people.ts";

/**
 * Green means that the pod was asked, so a document that somebody breaks behind the portal's back must turn the page
 * red at the next look: by itself, in the browser that has it open.
 */
test.describe
  .serial("a grant whose role is changed behind the portal's back", () => {
    const serviceAccount = "tampered-loader";
    let dana: Page;
    let grantId: string;
    let url: string;
    let role: RoleInAws;

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(180_000);
      dana = await signedIn(browser, "Dana");
      const grant = await provide(browser, dana, ["Priya"], {
        cluster: "prod-eu-legacy",
        namespace: "payments",
        serviceAccount,
        target: "arn:aws:s3:::halcyon-payments-artifacts",
        level: "Read",
        pattern: "IRSA in one account",
      });
      grantId = grant.grantId;
      url = await manifestUrl(dana, grantId);
      const [only, ...others] = await rolesNamed(serviceAccount);
      if (!only || others.length > 0) throw new Error("The grant should have made one role.");
      role = only;
    });

    test.afterAll(async () => {
      test.setTimeout(90_000);
      if (role) await put(role.trust);
      if (grantId) await revoke(dana, grantId);
      await dana.context().close();
    });

    test("is verified by the pod while its role is as approved", async () => {
      test.setTimeout(90_000);
      const played = await playPod(url);
      expect(played.ok, played.output).toBe(true);
      await expect(dana.getByText("Verified from inside the pod, in the sandbox")).toBeVisible();
    });

    test("turns red when the trust names another subject, since the pod is out", async () => {
      test.setTimeout(90_000);
      await put(changed(role.trust, () => "system:serviceaccount:payments:somebody-else"));
      const played = await playPod(url);
      expect(played.ok).toBe(false);
      expect(played.output).toContain("denied, expected allowed");
      await expect(dana.getByText("Does not work from inside the pod, in the sandbox")).toBeVisible();
      await expect(dana.getByText("Verified from inside the pod")).toHaveCount(0);
    });

    test("turns red when the trust names no subject at all, since others get in", async () => {
      test.setTimeout(90_000);
      await put(changed(role.trust, () => undefined));
      const played = await playPod(url);
      expect(played.ok).toBe(false);
      expect(played.output).toContain("allowed, expected denied");
      await expect(dana.getByText("Does not work from inside the pod, in the sandbox")).toBeVisible();
      await expect(dana.getByText(/Someone who should have been refused got in/)).toBeVisible();
      const tried = dana.getByRole("table", { name: "What was tried" });
      const impostor = tried.getByRole("row", { name: /Another service account of the namespace/ });
      await expect(impostor).toContainText("Allowed");
    });

    test("is green again when the document is what it was", async () => {
      test.setTimeout(90_000);
      await put(role.trust);
      const played = await playPod(url);
      expect(played.ok, played.output).toBe(true);
      await expect(dana.getByText("Verified from inside the pod, in the sandbox")).toBeVisible();
    });

    function put(document: TrustDocument): Promise<void> {
      return tamper({ accountId: role.accountId, kind: "role-trust", name: role.name, document });
    }
  });

/** The trust with its condition on the token's subject replaced, or left out. */
function changed(trust: TrustDocument, subject: () => string | undefined): TrustDocument {
  const copy = structuredClone(trust);
  let found = 0;
  for (const { Condition = {} } of copy.Statement)
    for (const keys of Object.values(Condition))
      for (const key of Object.keys(keys).filter((one) => one.endsWith(":sub"))) {
        found += 1;
        const value = subject();
        if (value === undefined) delete keys[key];
        else keys[key] = value;
      }
  if (found === 0) throw new Error(`No subject in ${JSON.stringify(trust)}`);
  return copy;
}
