import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accessibilityViolations,
  launchBrowser,
  photograph,
  platformUrl,
  signIn,
  visit,
} from "./browser-session.ts";

let browser: Browser;

async function openEditor(page: Page) {
  await page.getByRole("button", { name: "Edit the lesion marks" }).click();
  const editor = page.getByRole("dialog", { name: /^Lesion marks of/ });
  const image = editor.getByRole("img", { name: /^Mammogram/ });
  await image.waitFor();
  // The server's rendering in the image's own pixels: marks lie where they are drawn.
  await page.waitForFunction(() => {
    const shown = document.querySelector<HTMLImageElement>("img[alt^='Mammogram']");
    return shown !== null && shown.complete && shown.naturalWidth > 0;
  });
  return editor;
}

async function save(editor: ReturnType<Page["getByRole"]>, reason: string) {
  await editor.getByLabel(/Reason for the change/).fill(reason);
  const frozen = editor.getByLabel("Change labels under the frozen membership");
  if ((await frozen.count()) > 0) await frozen.check();
  await editor.getByRole("button", { name: "Save the lesion marks" }).click();
}

describe.skipIf(platformUrl === undefined)("lesion marks in the browser", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("draws by hand and by keys, stores with a reason, shows a conflict and brings a former version back", async () => {
    const page = await signIn(browser, "coordinator-2@demo.crossread");
    await visit(page, "Studies");
    // By its address: the list may move while studies still come in.
    const last = page.getByRole("list", { name: "Studies" }).getByRole("link").last();
    await page.goto(new URL((await last.getAttribute("href")) ?? "", platformUrl).href);
    const rows = page.getByRole("table", { name: "Lesion marks" }).getByRole("row");
    await page.getByRole("button", { name: "Edit the lesion marks" }).waitFor();
    const before = Math.max(0, (await rows.count()) - 1);
    const other = await page.context().newPage();
    await other.goto(page.url());
    const slow = await openEditor(other);

    const editor = await openEditor(page);
    await editor.getByRole("button", { name: "Ellipse (E)" }).click();
    const box = await editor.getByTestId("mark-drawing").boundingBox();
    if (box === null) throw new Error("The image has no place on the page.");
    const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.move(...at(0.4, 0.4));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.46), { steps: 4 });
    await page.mouse.up();
    const selected = editor.getByRole("region", { name: "Selected mark" });
    await selected.getByLabel("Margin").selectOption("spiculated");
    await selected.getByLabel("Pathology").selectOption("invasive");
    expect(await selected.getByRole("combobox", { name: "Finding", exact: true }).inputValue()).toBe(
      "malignant",
    );

    // The second one without a pointer.
    await editor.getByRole("button", { name: "polygon", exact: true }).press("Enter");
    await selected.getByLabel("Finding type").selectOption("calcification");
    await selected.getByLabel("Distribution").selectOption("grouped");
    const x = Number(await selected.getByLabel("Centre x").inputValue());
    await selected.getByRole("combobox", { name: "Corner", exact: true }).evaluate((element) => {
      if (element instanceof HTMLElement) element.blur();
    });
    await page.keyboard.press("ArrowLeft");
    expect(Number(await selected.getByLabel("Centre x").inputValue())).toBeLessThan(x);
    await photograph(page, "lesion-marks-editor");
    expect(await accessibilityViolations(page)).toEqual([]);
    await save(editor, "Second look at the biopsy");
    await editor.waitFor({ state: "detached" });
    await page
      .getByRole("cell", { name: /mass, spiculated, pathology: invasive carcinoma/ })
      .first()
      .waitFor();
    expect((await rows.count()) - 1).toBe(before + 2);
    await page.getByRole("cell", { name: "Second look at the biopsy" }).first().waitFor();
    await photograph(page, "lesion-marks-study");

    await slow.getByRole("button", { name: "point", exact: true }).click();
    await save(slow, "From yesterday");
    await slow.getByText(/Somebody else changed the lesion marks/).waitFor();
    await slow.getByRole("button", { name: "Take what is in force" }).click();
    await slow.getByText("Nothing changed.").waitFor();
    await slow.getByText("Former versions").click();
    await slow.getByRole("button", { name: "Bring back" }).first().click();
    await save(slow, "The second look was of another woman");
    await slow.waitFor({ state: "detached" });
    // What was drawn stays in the history, with its end.
    const drawnRows = other
      .getByRole("table", { name: "History of the labels" })
      .getByRole("row")
      .filter({ hasText: "Second look at the biopsy" });
    await expect.poll(() => drawnRows.filter({ hasText: "in force" }).count()).toBe(0);
    expect(await drawnRows.count()).toBeGreaterThanOrEqual(2);
    expect(
      Math.max(0, (await other.getByRole("table", { name: "Lesion marks" }).getByRole("row").count()) - 1),
    ).toBe(before);
    await page.context().close();
  });
});
