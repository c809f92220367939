import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Axe takes its time: two of the four have each theme and each width once. */
const views = [
  { theme: "light", width: 1440, audited: true },
  { theme: "dark", width: 1440, audited: false },
  { theme: "light", width: 360, audited: false },
  { theme: "dark", width: 360, audited: true },
] as const;
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The folder for what was seen; without it nothing is kept. */
export const screenshots = process.env.SCREENSHOTS;

/** The page as it is, in both themes and widths. */
export async function look(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  for (const { theme, width, audited } of views) {
    if (!audited && !screenshots) continue;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    // What sticks to the top of a page that is scrolled would lie in the middle of its picture.
    await page.evaluate(() => scrollTo(0, 0));
    const where = `${name}, ${theme}, ${width}`;
    const { sideways, height } = await page.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight } = document.documentElement;
      return { sideways: scrollWidth - clientWidth, height: scrollHeight };
    });
    expect.soft(sideways, `${where}: scrolls sideways`).toBeLessThanOrEqual(0);
    if (screenshots)
      await page.screenshot({ path: join(screenshots, `${name}-${theme}-${width}.png`), fullPage: true });
    if (!audited) continue;
    // As tall as it is: a bar that sticks to the bottom covers whatever lies under it, until one scrolls.
    await page.setViewportSize({ width, height: Math.max(height, 900) });
    // Of long code, axe judges every word's colour for itself; the first lines have them all.
    const longCode = "pre > code > :nth-child(n + 20)";
    // Legacy: without a page of its own for the results of other sites' frames, of which there are none; half the time.
    const axe = new AxeBuilder({ page })
      .options({ resultTypes: ["violations"] })
      .withTags(rules)
      .exclude(longCode)
      .setLegacyMode(true);
    const { violations } = await axe.analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect.soft(found, where).toEqual([]);
  }
  // The page is used again, by tests that have only the wide one in mind.
  await page.setViewportSize({ width: 1280, height: 720 });
}
