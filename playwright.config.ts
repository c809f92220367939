import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS } from "./e2e/support/chromium-flags.ts";
import { stack, stackFiles } from "./e2e/support/stack.ts";

/** `npm test -- e2e` starts the product and says where; E2E_CHROMIUM is empty for Playwright's own. */
const executablePath = process.env.E2E_CHROMIUM;

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // One that passes at the second try has a bug of its own, and is named at the end; it does not hold up the rest.
  retries: 1,
  // Each has a product of its own: the journeys compare whole AWS accounts before and after.
  workers: Math.max(1, stackFiles.length),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  globalSetup: "./e2e/support/require-stack.ts",
  use: {
    // Read anew in each worker, whose number chooses its product.
    ...(stackFiles.length > 0 ? { baseURL: stack().url } : {}),
    browserName: "chromium",
    launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath ? { executablePath } : {}) },
    locale: "en-GB",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    screenshot: "only-on-failure",
    // Software rendering pays for every frame of an animation.
    contextOptions: { reducedMotion: "reduce" },
    // Recording traces takes a third of the run; `npm test -- e2e <file> --trace on` has them where they are wanted.
    trace: "off",
  },
});
