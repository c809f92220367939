import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS } from "./e2e/support/chromium-flags.ts";

/** `npm test -- e2e` starts the product and hands over its address; E2E_CHROMIUM is empty for Playwright's own. */
const executablePath = process.env.E2E_CHROMIUM;

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // A journey that passes at the second try has a bug of its own.
  retries: 0,
  // The journeys compare whole AWS accounts before and after, so they go one after the other.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  globalSetup: "./e2e/support/require-stack.ts",
  use: {
    ...(process.env.E2E_BASE_URL ? { baseURL: process.env.E2E_BASE_URL } : {}),
    browserName: "chromium",
    launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath ? { executablePath } : {}) },
    locale: "en-GB",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    screenshot: "only-on-failure",
    // Recording traces takes a third of the run; `npm test -- e2e <file> --trace on` has them where they are wanted.
    trace: "off",
  },
});
