import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  accessibilityViolations,
  launchBrowser,
  photograph,
  platformUrl,
  signIn,
} from "./browser-session.ts";
import { brightestRoom, lowContrasts, roomLuminance } from "./dark-room.ts";
import {
  answerByKeys,
  imagesShown,
  loseContexts,
  marksLocator,
  openCase,
  photographBoth,
  press,
  recordContexts,
  repeat,
} from "./reading-session.ts";

const reader = "radiologist-2@demo.crossread";
let browser: Browser;

/** Mean gray of the middle of each pane, 0 to 255, as drawn. */
const grays = (page: Page): Promise<number[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('[data-testid^="view-"] canvas')].map((canvas) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext("2d");
      context?.drawImage(canvas, 0, 0);
      const data = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let sum = 0;
      for (let index = 0; index < data.length; index += 4) sum += data[index] ?? 0;
      return sum / (data.length / 4);
    }),
  );

/** What is seen once nothing moves any more, however long a busy machine draws. */
async function settled<TSeen>(look: () => Promise<TSeen>): Promise<TSeen> {
  let seen = await look();
  for (;;) {
    await sleep(800);
    const now = await look();
    if (isDeepStrictEqual(now, seen)) return now;
    seen = now;
  }
}

async function expectDarkAndAccessible(page: Page): Promise<void> {
  expect(await accessibilityViolations(page)).toEqual([]);
  expect(await lowContrasts(page)).toEqual([]);
  expect(await roomLuminance(page)).toBeLessThan(brightestRoom);
}

describe.skipIf(platformUrl === undefined)("the reading room", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("draws the same picture after a lost graphics context, and without WebGL after three", async () => {
    const page = await signIn(browser, reader);
    await page.addInitScript({ content: recordContexts });
    await openCase(page);
    const asOpened = await grays(page);
    await press(page, "8", "i");
    await expect.poll(() => grays(page)).not.toEqual(asOpened);
    const before = await settled(() => grays(page));
    expect(Math.min(...before)).toBeGreaterThan(1);
    await loseContexts(page);
    await page.getByText("The graphics context was lost").waitFor();
    await imagesShown(page);
    await expect.poll(() => grays(page)).toEqual(before);
    await page.getByRole("button", { name: "Understood" }).click();
    await loseContexts(page);
    await page.getByText("The graphics context was lost").waitFor();
    await imagesShown(page);
    await loseContexts(page);
    await page.getByText("drawing goes on without WebGL").waitFor();
    await imagesShown(page);
    await expect
      .poll(async () => {
        const after = await grays(page);
        return Math.max(...after.map((gray, index) => Math.abs(gray - (before[index] ?? 0))));
      })
      .toBeLessThan(2);
    await photograph(page, "reading-room-no-webgl");
    await page.context().close();
  });

  test("reads where the browser has no WebGL at all, and says so", async () => {
    const without = await chromium.launch({
      executablePath: inject("chromiumPath") ?? "",
      args: ["--no-sandbox", "--disable-3d-apis"],
    });
    const page = await signIn(without, reader);
    await openCase(page);
    await page.getByText("No WebGL: slower").waitFor();
    expect(Math.min(...(await grays(page)))).toBeGreaterThan(1);
    await without.close();
  });

  test("draws, moves, describes and undoes marks by keyboard alone", async () => {
    const page = await signIn(browser, reader);
    await openCase(page);
    const before = await marksLocator(page).getByRole("listitem").count();
    for (let index = 0; index < before; index++) await press(page, "n", "Delete");
    const shapes = page.getByTestId("mark-layer").first();
    await press(page, "e", "Enter", ...repeat("ArrowRight", 4), ...repeat("ArrowDown", 3), "Enter");
    await expect.poll(() => shapes.locator("ellipse").count()).toBe(1);
    await press(page, "k");
    await page.getByLabel("Margin").selectOption("spiculated");
    await page
      .getByRole("group", { name: /Conspicuity/ })
      .getByText("4", { exact: true })
      .click();
    await press(page, "Escape");
    const place = () => shapes.locator("ellipse").getAttribute("cx").then(Number);
    const start = await place();
    await press(page, ...repeat("ArrowRight", 5));
    const moved = await place();
    expect(Math.abs(moved - start)).toBeGreaterThan(5);
    await press(page, "Control+z");
    expect(await place()).toBe(start);
    await press(page, "Control+Shift+z");
    expect(await place()).toBe(moved);

    await press(page, "g", ...repeat("ArrowUp", 12), "Enter", ...repeat("ArrowRight", 5), "Enter");
    await press(page, ...repeat("ArrowDown", 5), "Enter", "Shift+Enter");
    await expect.poll(() => shapes.locator("polygon").count()).toBe(1);
    await press(page, "s", ...repeat("ArrowLeft", 8), "Enter", ...repeat("ArrowLeft", 4));
    await press(page, ...repeat("ArrowDown", 4), ...repeat("ArrowRight", 4), "Enter");
    await expect.poll(() => shapes.locator("polygon").count()).toBe(2);
    await press(page, "p", ...repeat("ArrowDown", 8), "Enter", "Escape");
    await expect.poll(() => marksLocator(page).getByRole("listitem").count()).toBe(4);
    await page.getByText("Draft saved").waitFor();
    await photographBoth(page, "reading-room-marks");
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.context().close();
  });

  test("magnifies, links, flips and steps through tiles by key", async () => {
    const page = await signIn(browser, reader);
    await openCase(page);
    await press(page, "x", ...repeat("ArrowRight", 3));
    const lens = page.getByTestId("magnifier");
    const at = await lens.getAttribute("data-at");
    await press(page, "ArrowDown");
    expect(await lens.getAttribute("data-at")).not.toBe(at);
    await photographBoth(page, "reading-room-magnifier");
    await page.setViewportSize({ width: 1280, height: 800 });
    await press(page, "x", "1", "o");
    await imagesShown(page, 1);
    await press(page, "2", "o", "y", " ", " ");
    await imagesShown(page, 2);
    expect(await page.getByTestId("tile-map").filter({ visible: true }).count()).toBe(2);
    await photograph(page, "reading-room-tiles-1280");
    await press(page, "f", "y", "j");
    await page.getByText("FLIPPED").waitFor();
    await press(page, "j", "3");
    await page
      .getByText(/No earlier|earlier$/)
      .first()
      .waitFor();
    await photographBoth(page, "reading-room-prior");
    await page.context().close();
  });

  test("keeps hanging, marks and proportions through windows of other sizes", async () => {
    const page = await signIn(browser, reader);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await openCase(page);
    const before = await marksLocator(page).getByRole("listitem").count();
    for (let index = 0; index < before; index++) await press(page, "n", "Delete");
    await press(page, "e", "Enter", ...repeat("ArrowRight", 4), ...repeat("ArrowDown", 4), "Enter", "Escape");
    const shape = page.getByTestId("mark-layer").first().locator("ellipse");
    await shape.waitFor();
    const pane = page.getByTestId("view-RCC");
    /** Where the mark stands in its pane, seen from the chest wall and the middle, as shares of the pane's height. */
    const placeOf = async () => {
      const [mark, box] = [await shape.boundingBox(), await pane.boundingBox()];
      if (mark === null || box === null) throw new Error("The mark is not on the screen");
      return {
        fromChestWall: (box.x + box.width - mark.x) / box.height,
        belowMiddle: (mark.y - box.y - box.height / 2) / box.height,
        width: mark.width / box.height,
        proportion: mark.width / mark.height,
      };
    };
    const resize = async (width: number, height: number) => {
      await page.setViewportSize({ width, height });
      return settled(async () => ({ place: await placeOf(), grays: await grays(page) }));
    };
    const wide = await resize(1920, 1080);
    const narrow = await resize(1280, 800);
    const again = await resize(1920, 1080);
    expect(again.grays).toEqual(wide.grays);
    for (const [name, value] of Object.entries(wide.place)) {
      expect(again.place[name as keyof typeof again.place], name).toBeCloseTo(value, 3);
      // The stroke is as wide on a small screen.
      expect(Math.abs(narrow.place[name as keyof typeof narrow.place] - value), name).toBeLessThan(0.02);
    }
    await press(page, "n", "Delete");
    await page.getByText("Draft saved").waitFor();
    await page.context().close();
  });

  test("keeps what a crash and another computer leave behind", async () => {
    const page = await signIn(browser, reader);
    await openCase(page);
    await page.route("**/api/trpc/reading.saveDraft**", (route) => route.abort());
    await page.getByLabel("Suspicion of malignancy, right breast").fill("33");
    await page.getByText("Not saved yet, kept in this browser").waitFor();
    await page.goto("chrome://crash").catch(() => undefined);
    const reopened = await page.context().newPage();
    await openCase(reopened);
    await expect
      .poll(() => reopened.getByLabel("Suspicion of malignancy, right breast").inputValue())
      .toBe("33");
    await reopened.getByText("Draft saved").waitFor();

    const elsewhere = await signIn(browser, reader);
    await openCase(elsewhere);
    expect(await elsewhere.getByLabel("Suspicion of malignancy, right breast").inputValue()).toBe("33");
    await elsewhere.getByLabel("Suspicion of malignancy, right breast").fill("44");
    await elsewhere.getByText("Draft saved").waitFor();
    await reopened.getByLabel("Suspicion of malignancy, left breast").fill("5");
    await reopened.getByText("Which version holds?").waitFor();
    expect(await reopened.getByRole("row", { name: "R suspicion 33 44" }).count()).toBe(1);
    await photographBoth(reopened, "reading-room-conflict");
    await reopened.getByRole("button", { name: "The other one" }).click();
    await expect
      .poll(() => reopened.getByLabel("Suspicion of malignancy, right breast").inputValue())
      .toBe("44");
    await elsewhere.context().close();
    await reopened.context().close();
  });

  test("has no serious violation in any step, in the dark, at both sizes", async () => {
    const page = await signIn(browser, reader);
    await openCase(page);
    await photographBoth(page, "reading-room-unaided");
    await expectDarkAndAccessible(page);
    await answerByKeys(page);
    await press(page, "Control+Enter");
    await page.getByTestId("saliency-layer").first().waitFor();
    await photographBoth(page, "reading-room-aided");
    await expectDarkAndAccessible(page);
    await press(page, "u");
    await photographBoth(page, "reading-room-contour");
    await press(page, "u", "2", "v");
    await expect.poll(() => page.getByTestId("saliency-layer").count()).toBe(2);
    await photographBoth(page, "reading-room-side-by-side");
    await press(page, "v", "4", "a");
    await page.getByTestId("model-input").first().waitFor();
    await photographBoth(page, "reading-room-model-input");
    await press(page, "a", "q");
    await page.getByRole("region", { name: "Map rating" }).getByText("Partly", { exact: true }).click();
    await photographBoth(page, "reading-room-rating");
    await expectDarkAndAccessible(page);
    await press(page, "Escape", "?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await photographBoth(page, "reading-room-keys");
    await expectDarkAndAccessible(page);
    await page.context().close();
  });
});
