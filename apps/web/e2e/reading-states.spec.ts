/**
 * Photographs of every state of the reading room at two sizes, for whoever judges its looks:
 * CROSSREAD_SCREENSHOTS=DIR npx vitest run --project browser apps/web/e2e/reading-states.spec.ts
 * It reads one case of a demonstration reader to its end, so that the next run finds a fresh one.
 */
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { launchBrowser, platformUrl, signIn } from "./browser-session.ts";
import { brightestRoom, lowContrasts, roomLuminance } from "./dark-room.ts";
import {
  answerByKeys,
  imagesShown,
  loseContexts,
  mapRating,
  marksLocator,
  openCase,
  photographBoth,
  press,
  rateMap,
  recordContexts,
  repeat,
  submitCase,
} from "./reading-session.ts";

const reader = "radiologist-1@demo.crossread";
let browser: Browser;

/** Gathered, so that every photograph is taken first. */
const problems: string[] = [];

/** Two photographs, and what the dark asks of every state. */
async function take(page: Page, name: string): Promise<void> {
  await photographBoth(page, name);
  problems.push(...(await lowContrasts(page)).map((problem) => `${name}: contrast ${problem}`));
  const luminance = await roomLuminance(page);
  if (luminance > brightestRoom) problems.push(`${name}: luminance ${luminance.toFixed(3)}`);
}

async function centreOf(page: Page, testId: string) {
  const box = await page.getByTestId(testId).boundingBox();
  if (box === null) throw new Error(`${testId} is not on the screen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function takeAnswer(page: Page, what: { procedure: string; body: string; status: number }) {
  await page.route(`**/api/trpc/${what.procedure}**`, (route) =>
    route.fulfill({ status: what.status, contentType: "application/json", body: what.body }),
  );
}

const refusal = (message: string, code: string, httpStatus: number) =>
  JSON.stringify({ error: { json: { message, code: -32_000, data: { code, httpStatus } } } });

describe.skipIf(platformUrl === undefined || !inject("isEveryStateWanted"))(
  "every state of the reading room",
  { timeout: 600_000 },
  () => {
    beforeAll(async () => {
      browser = await launchBrowser();
    });

    afterAll(async () => {
      await browser.close();
    });

    test("work list: filled, empty, failed", async () => {
      const page = await signIn(browser, reader);
      await page.goto(`${platformUrl ?? ""}/reading`);
      await page.getByRole("link", { name: /case \d+$/ }).waitFor();
      await take(page, "01-work-list");
      await takeAnswer(page, {
        procedure: "reading.workList",
        status: 200,
        body: JSON.stringify([{ result: { data: { json: [] } } }]),
      });
      await page.reload();
      await page.getByText(/No open reader study/).waitFor();
      await take(page, "02-work-list-empty");
      await page.unroute("**/api/trpc/reading.workList**");
      await page.route("**/api/trpc/reading.workList**", (route) => route.abort());
      await page.reload();
      await page.getByRole("alert").filter({ hasText: /\w/ }).first().waitFor();
      await take(page, "03-work-list-error");
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });

    test("the room before a case stands in it", async () => {
      const page = await signIn(browser, reader);
      await page.goto(`${platformUrl ?? ""}/reading`);
      const link = page.getByRole("link", { name: /case \d+$/ });
      const address = (await link.getAttribute("href")) ?? "";
      const closed = [
        refusal("This reader study is closed: nothing more can be read in it.", "CONFLICT", 409),
      ];
      await takeAnswer(page, { procedure: "reading.open", status: 409, body: `[${closed.join(",")}]` });
      await page.goto(`${platformUrl ?? ""}${address}`);
      await page.getByRole("alert").filter({ hasText: /\w/ }).first().waitFor();
      await take(page, "04-closed-study");
      await page.unroute("**/api/trpc/reading.open**");
      await page.route("**/api/instances/**", () => undefined);
      await page.reload();
      await page
        .getByText(/^Loading [RL] /)
        .first()
        .waitFor();
      await take(page, "05-images-loading");
      await page.unroute("**/api/instances/**");
      await page.route("**/api/instances/**", (route) => route.fulfill({ status: 503 }));
      await page.reload();
      await page.getByText("could not be loaded").first().waitFor();
      await take(page, "06-images-failed");
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });

    test("unaided, with every tool in the hand", async () => {
      const page = await signIn(browser, reader);
      await openCase(page);
      // A run that ended early may have left a case in its second step.
      if ((await mapRating(page).count()) > 0) {
        await rateMap(page);
        await submitCase(page);
      }
      const before = await marksLocator(page).getByRole("listitem").count();
      for (let index = 0; index < before; index++) await press(page, "n", "Delete");
      await page.setViewportSize({ width: 1920, height: 1080 });
      await take(page, "10-unaided");
      const drawn = async (tool: string, draw: (x: number, y: number) => Promise<void>, name: string) => {
        for (const [width, height] of [
          [1280, 800],
          [1920, 1080],
        ] as const) {
          await page.setViewportSize({ width, height });
          await page.waitForTimeout(500);
          await press(page, tool);
          const { x, y } = await centreOf(page, "view-LCC");
          await draw(x, y);
          await page.screenshot({ path: `${inject("screenshotDirectory")}/${name}-${width}.png` });
          await page.mouse.up();
          await press(page, "Escape", "Escape");
        }
      };
      await drawn(
        "e",
        async (x, y) => {
          await page.mouse.move(x - 90, y - 60);
          await page.mouse.down();
          await page.mouse.move(x - 20, y + 10, { steps: 5 });
        },
        "11-drawing-ellipse",
      );
      await drawn(
        "g",
        async (x, y) => {
          for (const [dx, dy] of [
            [-120, 40],
            [-60, 30],
            [-50, 80],
          ] as const) {
            await page.mouse.click(x + dx, y + dy);
          }
          await page.mouse.move(x - 100, y + 95);
        },
        "12-drawing-polygon",
      );
      await drawn(
        "s",
        async (x, y) => {
          await page.mouse.move(x - 140, y - 20);
          await page.mouse.down();
          for (let step = 0; step <= 20; step++) {
            const angle = (step / 24) * 2 * Math.PI;
            await page.mouse.move(x - 170 + 30 * Math.cos(angle), y - 20 + 40 * Math.sin(angle));
          }
        },
        "13-drawing-freehand",
      );
      const left = await marksLocator(page).getByRole("listitem").count();
      for (let index = 0; index < left; index++) await press(page, "n", "Delete");
      await press(page, "e", "Enter", ...repeat("ArrowRight", 5), ...repeat("ArrowDown", 4), "Enter");
      await press(page, "k");
      await page.getByLabel("Margin").selectOption("spiculated");
      await press(page, "Escape");
      await take(page, "14-mark-details");
      await press(page, "p", ...repeat("ArrowUp", 12), ...repeat("ArrowLeft", 6), "Enter", "Escape");
      await page.getByText("Draft saved").waitFor();
      await take(page, "15-marks");
      await press(page, "Escape", "?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await take(page, "16-cheat-sheet");
      await press(page, "Escape");
      await press(page, "i");
      await take(page, "17-inverted");
      await press(page, "i", "j");
      await take(page, "18-flipped");
      await press(page, "j", "x");
      const { x, y } = await centreOf(page, "view-RCC");
      await page.mouse.move(x + 170, y);
      await take(page, "19-magnifier");
      await press(page, "x", "2");
      await imagesShown(page, 2);
      await take(page, "20-pair");
      await press(page, "o");
      await take(page, "21-one-to-one-with-tile-map");
      await press(page, "f", "1");
      await imagesShown(page, 1);
      await take(page, "22-single");
      await press(page, "3");
      await page.waitForTimeout(1_500);
      await take(page, "23-prior-beside-current");
      await press(page, "4");
      await imagesShown(page);
      await page.context().setOffline(true);
      await page.getByLabel("Suspicion of malignancy, right breast").fill("31");
      await page.getByText("Not saved yet, kept in this browser").waitFor();
      await take(page, "24-network-lost");
      await page.context().setOffline(false);
      await page.getByText("Draft saved").waitFor({ timeout: 60_000 });
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });

    test("a second window, and the version that is set aside", async () => {
      const page = await signIn(browser, reader);
      await openCase(page);
      const second = await page.context().newPage();
      await openCase(second);
      await second.getByLabel("Suspicion of malignancy, right breast").fill("44");
      await second.getByText("Draft saved").waitFor();
      await page.getByLabel("Suspicion of malignancy, right breast").fill("12");
      await page.getByText("Which version holds?").waitFor();
      await page.bringToFront();
      await take(page, "30-conflict");
      await page.getByRole("button", { name: "The other one" }).click();
      await page.getByText("kept aside").waitFor();
      await take(page, "31-version-set-aside");
      await page.getByRole("button", { name: "Take it instead" }).click();
      await expect
        .poll(() => page.getByLabel("Suspicion of malignancy, right breast").inputValue())
        .toBe("12");
      await page.getByText("Draft saved").waitFor();
      await page.getByRole("button", { name: "Discard" }).click();
      expect(await page.getByText("kept aside").count()).toBe(0);
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });

    test("lost graphics, and none at all", async () => {
      const page = await signIn(browser, reader);
      await page.addInitScript({ content: recordContexts });
      await openCase(page);
      await loseContexts(page);
      await page.getByText("The graphics context was lost").waitFor();
      await imagesShown(page);
      await take(page, "40-graphics-recovered");
      await page.context().close();
      const without = await chromium.launch({
        executablePath: inject("chromiumPath") ?? "",
        args: ["--no-sandbox", "--disable-3d-apis"],
      });
      const slow = await signIn(without, reader);
      await openCase(slow);
      await take(slow, "41-without-webgl");
      expect(problems.splice(0)).toEqual([]);
      await without.close();
    });

    test("complete, locked, aided, rated, submitted", async () => {
      const page = await signIn(browser, reader);
      await openCase(page);
      await answerByKeys(page);
      await take(page, "50-complete-before-the-lock");
      await press(page, "Control+Enter");
      await page.getByTestId("saliency-layer").first().waitFor();
      await take(page, "51-aided-heat-map");
      await press(page, "u");
      await take(page, "52-contour");
      await press(page, "u", "2", "v");
      await expect.poll(() => page.getByTestId("saliency-layer").count()).toBe(2);
      await take(page, "53-side-by-side");
      await press(page, "v", "4", "b");
      await take(page, "54-blinking");
      await press(page, "b", "5");
      await page.waitForTimeout(500);
      await take(page, "55-map-of-the-other-class");
      await press(page, "5", ...repeat("}", 4));
      await take(page, "56-threshold");
      await press(page, ...repeat("{", 4), "a");
      await page.getByTestId("model-input").first().waitFor();
      await take(page, "57-model-input");
      await press(page, "a", "q");
      await mapRating(page).getByText("Partly", { exact: true }).first().click();
      await take(page, "58-map-rating");
      await rateMap(page);
      await take(page, "59-complete-before-submitting");
      const address = page.url();
      await submitCase(page);
      await take(page, "60-next-case");
      await page.goto(address);
      await page.getByText(/submitted and locked/).waitFor();
      await take(page, "61-submitted-case");
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });

    test("two checkpoints beside each other, outside a study", async () => {
      const page = await signIn(browser, "admin@demo.crossread");
      await page.goto(`${platformUrl ?? ""}/studies`);
      await page.getByRole("list", { name: "Studies" }).getByRole("link").last().click();
      await page.getByRole("button", { name: "Open in the viewer", exact: true }).click();
      await imagesShown(page);
      await take(page, "70-study-viewer");
      const compare = page.getByLabel("Compare with");
      const other = await compare.getByRole("option").nth(1).innerText();
      await compare.selectOption(other);
      await page.getByTestId("view-RCC-2").waitFor();
      await imagesShown(page, 8);
      await take(page, "71-two-checkpoints");
      await press(page, "Escape");
      expect(problems.splice(0)).toEqual([]);
      await page.context().close();
    });
  },
);
