import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../../e2e/support/chromium-flags.ts";

/** Ends with 0 when this Chromium (or Playwright's own) starts here: a file alone may lack its libraries. */
const executablePath = process.argv[2];
const browser = await chromium.launch({
  args: CHROMIUM_FLAGS,
  ...(executablePath ? { executablePath } : {}),
});
console.log(`chromium ${browser.version()} ${executablePath}`);
await browser.close();
