import type { Page } from "playwright-core";
import { photograph, platformUrl } from "./browser-session.ts";

export async function openCase(page: Page): Promise<void> {
  await page.goto(`${platformUrl ?? ""}/reading`);
  await page.getByRole("link", { name: /case \d+$/ }).click();
  await imagesShown(page);
}

export async function imagesShown(page: Page, count = 4): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-testid^="view-"][data-state="shown"]').length === wanted,
    count,
  );
  // The first frame after the camera is set.
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="mark-layer"]').length > 0);
}

export const marksLocator = (page: Page) => page.getByRole("region", { name: "Marks", exact: true });

export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

export const repeat = (key: string, count: number): string[] => Array.from({ length: count }, () => key);

/** At the sizes of a laptop and of a desk. */
export async function photographBoth(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [1280, 800],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(700);
    await photograph(page, `${name}-${width}`);
  }
}

export const mapRating = (page: Page) => page.getByRole("region", { name: "Map rating" });

/** The first answer to each question about the map. */
export async function rateMap(page: Page): Promise<void> {
  for (const group of await mapRating(page).getByRole("group").all()) {
    await group.getByRole("radio").first().check({ force: true });
  }
  await page.getByText("Complete. Submitting").waitFor();
}

export async function submitCase(page: Page): Promise<void> {
  const address = page.url();
  await press(page, "Control+Enter");
  await page.waitForURL((url) => url.href !== address);
  await imagesShown(page);
}

/** BI-RADS, suspicion and density without a pointer: all that an unaided reading must have. */
export async function answerByKeys(page: Page): Promise<void> {
  for (const [breast, birads] of [
    ["right", "2"],
    ["left", "4"],
  ] as const) {
    await press(page, breast === "right" ? "r" : "l", birads);
    await page.getByLabel(`Suspicion of malignancy, ${breast} breast`).fill("20");
    await press(page, "Escape");
  }
  await press(page, "d", "b", "Escape");
  await page.getByText("Complete. After the lock").waitFor();
}

/** Remembers every WebGL context that the page makes, so that a test can take it away. */
export const recordContexts = `
  globalThis.madeContexts = [];
  const original = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (...given) {
    const context = original.apply(this, given);
    if (context !== null) globalThis.madeContexts.push(context);
    return context;
  };`;

export const loseContexts = (page: Page) =>
  page.evaluate(() => {
    const made: unknown = Reflect.get(globalThis, "madeContexts");
    for (const context of Array.isArray(made) ? made : []) {
      if (context instanceof WebGL2RenderingContext && !context.isContextLost()) {
        context.getExtension("WEBGL_lose_context")?.loseContext();
      }
    }
  });
