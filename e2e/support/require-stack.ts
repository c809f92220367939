import { stackFiles } from "./stack.ts";

/** Says at once what is missing when Playwright is started without the product. */
export default function requireStack(): void {
  if (stackFiles.length > 0) return;
  throw new Error(
    "The browser tests need the product running. Run `npm test -- e2e`, which starts it; a file's name may follow.",
  );
}
