import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { textPhantom, textPlace } from "../../../tests/text-phantom.ts";
import {
  accessibilityViolations,
  launchBrowser,
  photograph,
  platformUrl,
  signIn,
  visit,
} from "./browser-session.ts";

let browser: Browser;

async function makeToken(page: Page): Promise<string> {
  const tokens = page.getByRole("region", { name: "Tokens for DICOMweb" });
  await tokens.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog", { name: "New token" });
  await dialog.getByLabel("Name").fill(`Scanner ${Date.now()}`);
  await dialog.getByLabel("It may").selectOption({ label: "Send studies (STOW-RS)" });
  await dialog.getByRole("button", { name: "Make the token" }).click();
  const shown = page.getByRole("dialog", { name: "Copy the token now" });
  const token = await shown.getByLabel("Token", { exact: true }).innerText();
  await shown.getByRole("button", { name: "I have kept it" }).click();
  return token;
}

const rulesOf = (page: Page) => page.getByRole("region", { name: "Pixel rules", exact: true });
const ruleOfDevice = (page: Page) =>
  rulesOf(page).getByRole("row").filter({ hasText: "Selenia Dimensions" }).first();

async function removeRule(page: Page): Promise<void> {
  await ruleOfDevice(page).getByRole("button", { name: "Remove" }).click();
  const question = page.getByRole("dialog", { name: /^Remove the rule for .*Selenia Dimensions/ });
  expect(await accessibilityViolations(page)).toEqual([]);
  await question.getByRole("button", { name: "Remove" }).click();
  await question.waitFor({ state: "detached" });
}

/** As a scanner does it: PS3.18, 10.5. */
async function store(token: string, file: Uint8Array): Promise<number> {
  const boundary = "crossread-held-file";
  const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`;
  const response = await fetch(`${platformUrl ?? ""}/api/dicomweb/studies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/dicom+json",
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
    },
    body: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  });
  await response.arrayBuffer();
  return response.status;
}

describe.skipIf(platformUrl === undefined)("a file that may show text", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("is looked at by a coordinator, covered, taken in, and leaves a rule that can be removed", async () => {
    const page = await signIn(browser, "coordinator-2@demo.crossread");
    await visit(page, "Sites");
    await page.getByRole("main").getByRole("link", { name: "East Clinic" }).first().click();
    await page.waitForURL(/\/sites\/./);
    const siteAddress = page.url();
    const nothing = rulesOf(page).getByText("A coordinator is asked about every image");
    await nothing.or(ruleOfDevice(page)).waitFor();
    // Of a run that ended early: its rule would take the file in unasked.
    if ((await ruleOfDevice(page).count()) > 0) await removeRule(page);
    await nothing.waitFor();
    const token = await makeToken(page);
    const seed = inject("contentSeed");
    const file = textPhantom({ seed, textAt: { xPx: textPlace.xPx, yPx: textPlace.yPx } });
    expect(await store(token, file)).toBeLessThan(300);

    const digest = createHash("sha256").update(file).digest("hex");
    const row = page.getByRole("row").filter({ has: page.getByTitle(digest) });
    const look = row.getByRole("button", { name: "Look and decide…" });
    await expect
      .poll(
        async () => {
          await page.goto(`${platformUrl ?? ""}/studies/refused`);
          await page.getByRole("heading", { level: 1 }).waitFor();
          await page.waitForTimeout(500);
          return look.count();
        },
        { timeout: 90_000, interval: 1_000 },
      )
      .toBeGreaterThan(0);
    await look.click();
    const dialog = page.getByRole("dialog", { name: "Is there text in this image?" });
    const picture = dialog.getByRole("img", { name: /^The image, with boxes/ });
    await picture.waitFor();
    await dialog.getByText(/Selenia Dimensions, 300 × 375 pixels/).waitFor();
    // What the search found is proposed; a box more, and away with it again.
    const boxes = dialog.getByRole("button", { name: /^Uncover box/ });
    const proposed = await boxes.count();
    expect(proposed).toBeGreaterThan(0);
    const place = await picture.boundingBox();
    if (place === null) throw new Error("The image has no place on the page.");
    await page.mouse.move(place.x + place.width * 0.6, place.y + place.height * 0.8);
    await page.mouse.down();
    await page.mouse.move(place.x + place.width * 0.8, place.y + place.height * 0.9, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => boxes.count()).toBe(proposed + 1);
    await photograph(page, "held-file-dialog");
    expect(await accessibilityViolations(page)).toEqual([]);
    await boxes.last().click();
    await expect.poll(() => boxes.count()).toBe(proposed);
    await dialog.getByLabel(/^Remember for images of this device/).check();
    await dialog.getByRole("button", { name: /^Cover .* and take it in$/ }).click();
    await dialog.waitFor({ state: "detached" });
    await look.waitFor({ state: "detached" });

    await page.goto(siteAddress);
    await ruleOfDevice(page).getByText("cover", { exact: true }).waitFor();
    await rulesOf(page).scrollIntoViewIfNeeded();
    await photograph(page, "site-pixel-rules");
    expect(await accessibilityViolations(page)).toEqual([]);
    await removeRule(page);
    await nothing.waitFor();
    await page.context().close();
  });
});
