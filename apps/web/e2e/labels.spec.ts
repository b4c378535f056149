import { readFile } from "node:fs/promises";
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

const countOf = async (page: Page) =>
  Number(
    (
      await page
        .getByText(/^[\d,]+ stud(y|ies)$/)
        .first()
        .innerText()
    ).replaceAll(/\D/g, ""),
  );

/** Case names of the first studies on the page. */
async function caseNames(page: Page, wanted: number): Promise<string[]> {
  const links = page.getByRole("list", { name: "Studies" }).getByRole("link");
  await links.first().waitFor();
  const names = await links.evaluateAll((all) => all.map((link) => link.getAttribute("aria-label") ?? ""));
  return names.slice(0, wanted).map((name) => name.split(",")[0] ?? "");
}

describe.skipIf(platformUrl === undefined)("studies and labels in the browser", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("filters by a click on a bar, keeps the filter in the URL, and walks by keyboard", async () => {
    const page = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(page, "Studies");
    await caseNames(page, 1);
    const everything = await countOf(page);
    const bar = page
      .getByRole("group", { name: "Reference standard" })
      .getByRole("button", { name: /^malignant/ });
    const barCount = Number((await bar.innerText()).replaceAll(/\D/g, ""));
    await bar.click();
    await page.waitForURL(/label=malignant/);
    await page.getByText(`${barCount} ${barCount === 1 ? "study" : "studies"}`, { exact: true }).waitFor();
    expect(barCount).toBeLessThan(everything);
    await photograph(page, "studies-filtered");
    expect(await accessibilityViolations(page)).toEqual([]);

    await page.goto(page.url());
    expect(await bar.getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("button", { name: "Clear all filters" }).click();
    const [name = ""] = await caseNames(page, 1);
    await page.keyboard.press("/");
    await page.keyboard.type(name);
    await page.waitForURL(/search=/);
    await page.getByRole("link", { name: new RegExp(`^${name},`) }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.context().close();
  });

  test("tags several studies at once and finds them by the tag", async () => {
    const page = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(page, "Studies");
    const [first = "", second = ""] = await caseNames(page, 2);
    await page.getByRole("link", { name: new RegExp(`^${first},`) }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    const chosen = page.getByRole("region", { name: "Chosen studies" });
    await chosen.getByText("2 chosen").waitFor();
    await chosen.getByLabel("Tag to add").fill("  Browser  Test ");
    await chosen.getByRole("button", { name: "Add", exact: true }).click();
    await page
      .getByRole("group", { name: "Tags" })
      .getByRole("button", { name: /^browser test/ })
      .click();
    await page.waitForURL(/tag=browser/);
    await page.getByText("2 studies", { exact: true }).waitFor();
    expect((await caseNames(page, 9)).toSorted()).toEqual([first, second].toSorted());
    await photograph(page, "studies-tagged");
    await page.context().close();
  });

  test("changes a label with a reason, warns of short follow-up, and loses nothing when somebody else was faster", async () => {
    const one = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(one, "Studies");
    await one.getByRole("list", { name: "Studies" }).getByRole("link").first().click();
    const form = one.getByRole("form", { name: "Reference standard" });
    await form.waitFor();
    const other = await one.context().newPage();
    await other.goto(one.url());
    await other.getByRole("form", { name: "Reference standard" }).waitFor();

    const enter = async (page: Page, finding: string) => {
      const right = page.getByRole("group", { name: "Right breast" });
      await right.getByRole("radio", { name: finding }).check({ force: true });
      await right.getByLabel("Source").selectOption("follow-up");
      await right.getByLabel("Months").fill("9");
      await right
        .getByText(/under a year|normally proven by pathology/)
        .first()
        .waitFor();
      await page.getByLabel("Reason for the change").fill(`Seen as ${finding}`);
      const frozen = page.getByLabel("Change labels under the frozen membership");
      if ((await frozen.count()) > 0) await frozen.check();
      await page.getByRole("button", { name: "Save the labels" }).click();
    };
    await enter(one, "normal");
    await one.getByText("Saved.").waitFor();
    await photograph(one, "study-labels");
    expect(await accessibilityViolations(one)).toEqual([]);
    await enter(other, "malignant");
    await other.getByText(/changed by somebody else/).waitFor();
    await photograph(other, "study-labels-conflict");
    expect(
      await other
        .getByRole("group", { name: "Right breast" })
        .getByRole("radio", { name: "malignant" })
        .isChecked(),
    ).toBe(true);
    await other.getByRole("button", { name: "Take what is in force" }).click();
    await other.getByRole("cell", { name: "Seen as normal" }).first().waitFor();
    await one.context().close();
  });

  test("imports a table after a try, with refused rows told, and undoes it", async () => {
    const page = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(page, "Studies");
    const [first = "", second = ""] = await caseNames(page, 2);
    await page.getByRole("link", { name: "Label tables" }).click();
    await page.getByRole("heading", { level: 1, name: "Label tables" }).waitFor();
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.postData() ?? ""));
    await page.getByLabel("CSV file").setInputFiles({
      name: "Erika Mustermann.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(
        [
          "Pseudonym;Seite;Befund;BI-RADS",
          `${first};links;bösartig;5`,
          `${second};;bösartig;`,
          `${second};rechts;Frau Mustermann;`,
          "XR-NOBODY;rechts;gutartig;2",
        ].join("\r\n"),
        "latin1",
      ),
    });
    await page.getByText(/separated by semicolon, windows-1252/).waitFor();
    await page.getByLabel("Source of findings").selectOption("pathology");
    await photograph(page, "labels-mapping");
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Try it, write nothing" }).click();
    const outcome = page.getByRole("region", { name: "Rows of the table" });
    await outcome.getByRole("row", { name: /^2 (new|changed)/ }).waitFor();
    await outcome.getByRole("row", { name: /^3 refused.*never spread over both/ }).waitFor();
    await outcome.getByRole("row", { name: /^4 refused.*Frau Mustermann/ }).waitFor();
    await outcome.getByRole("row", { name: /^5 refused.*no patient with this pseudonym/ }).waitFor();
    await page.getByLabel("Reason for the import").fill("Registry, second quarter");
    const frozen = page.getByLabel("Change labels under the frozen membership");
    if ((await frozen.count()) > 0) await frozen.check();
    await photograph(page, "labels-preview");
    await page.getByRole("button", { name: "Write the labels of 1 case" }).click();
    await page.getByText(/Labels of 1 case written/).waitFor();
    expect(sent.join("\n")).not.toMatch(/Mustermann/);

    const download = page.waitForEvent("download");
    await page.getByRole("status").getByRole("button", { name: "Download the report" }).click();
    const report = await readFile(await (await download).path(), "utf8");
    expect(report.split("\r\n")).toHaveLength(6);

    const row = page.getByRole("row", { name: /Registry, second quarter/ }).first();
    await row.getByRole("button", { name: "Undo…" }).click();
    const dialog = page.getByRole("dialog", { name: "Undo the import" });
    await dialog.getByText(/come back on 1 case/).waitFor();
    await dialog.getByLabel("Reason for the undo").fill("Wrong quarter");
    const undoFrozen = dialog.getByLabel("Change labels under the frozen membership");
    if ((await undoFrozen.count()) > 0) await undoFrozen.check();
    await photograph(page, "labels-undo");
    await dialog.getByRole("button", { name: "Undo the import" }).click();
    await page.getByText(/Wrong quarter/).waitFor();
    await page.context().close();
  });

  test("shows an auditor the labels and no way to change them", async () => {
    const page = await signIn(browser, "auditor@demo.crossread");
    await visit(page, "Studies");
    await page.getByRole("list", { name: "Studies" }).getByRole("link").first().click();
    await page.getByRole("region", { name: "History of the labels" }).first().waitFor();
    expect(await page.getByRole("form", { name: "Reference standard" }).count()).toBe(0);
    await page.goto(`${platformUrl ?? ""}/studies/labels`);
    await page.getByText("You may read labels, not write them").waitFor();
    await page.context().close();
  });
});
