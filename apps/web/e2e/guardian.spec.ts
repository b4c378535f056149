import type { Browser } from "playwright-core";
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

describe.skipIf(platformUrl === undefined)("the split guardian in the browser", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("says that the demonstration's cohort holds no copies", async () => {
    const page = await signIn(browser, "admin@demo.crossread");
    await visit(page, "Cohorts");
    await page
      .getByRole("main")
      .getByRole("link", { name: /Demonstration/ })
      .first()
      .click();
    await page.getByRole("region", { name: "Split guardian" }).waitFor();
    await page.getByText("No copies found").waitFor();
    await photograph(page, "admin-cohort-guardian");
    expect(await page.getByRole("main").getByRole("alert").allInnerTexts()).toEqual([]);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.context().close();
  });
});
