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

describe.skipIf(platformUrl === undefined)("the loop in the browser", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("shows an admin trained and evaluated content on every page", async () => {
    const page = await signIn(browser, "admin@demo.crossread");
    await page
      .getByRole("row", { name: /North Hospital/ })
      .first()
      .waitFor();
    await photograph(page, "admin-overview");
    for (const label of [
      "Studies",
      "Cohorts",
      "Training",
      "Validation",
      "Models",
      "Leaderboards",
      "Sites",
      "Audit",
      "Admin",
    ]) {
      await visit(page, label);
      expect(await page.getByRole("main").getByRole("alert").allInnerTexts(), label).toEqual([]);
      await photograph(page, `admin-${label.toLowerCase()}`);
      expect(await accessibilityViolations(page), label).toEqual([]);
    }
    await page.context().close();
  });

  test("lets an admin launch a federated run, watch it to its end, and cancel another", async () => {
    const page = await signIn(browser, "admin@demo.crossread");
    const launch = async (name: string, rounds: string) => {
      await page.goto(`${platformUrl ?? ""}/training/new`);
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("Rounds", { exact: true }).fill(rounds);
      await page.getByText(/steps/i).first().waitFor();
      await photograph(page, "admin-training-launch");
      await page.getByRole("button", { name: "Launch", exact: true }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
    };
    await launch("Browser run", "1");
    await page.getByText("live").waitFor();
    await photograph(page, "admin-training-live");
    await page.getByText("1 / 1").waitFor({ timeout: 200_000 });
    await photograph(page, "admin-training-done");

    await launch("Run to cancel", "40");
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("button", { name: "Cancel the run" }).click();
    await page.getByRole("main").getByText("cancelled", { exact: true }).first().waitFor({ timeout: 60_000 });
    await photograph(page, "admin-training-cancelled");
    expect(await page.getByRole("button", { name: "Cancel run" }).count()).toBe(0);
    await page.context().close();
  });

  test("shows an admin the results of the validation round and a checkpoint's origin", async () => {
    const page = await signIn(browser, "admin@demo.crossread");
    await visit(page, "Validation");
    await page.getByRole("link", { name: /Demonstration validation/ }).click();
    await page.getByRole("heading", { level: 1, name: /Demonstration validation/ }).waitFor();
    await page
      .getByRole("row", { name: /North Hospital/ })
      .first()
      .waitFor();
    await photograph(page, "admin-validation-round");
    await visit(page, "Models");
    await page
      .getByRole("main")
      .getByRole("link", { name: /Demonstration training, round/ })
      .first()
      .click();
    await page
      .getByText(/sha256|manifest/i)
      .first()
      .waitFor();
    await photograph(page, "admin-checkpoint");
    expect(await page.getByRole("main").getByRole("alert").allInnerTexts()).toEqual([]);
    await page.context().close();
  });

  test("lets a radiologist read a case by keyboard: unaided, locked, aided, rated, submitted", async () => {
    const page = await signIn(browser, "radiologist-1@demo.crossread");
    await page.goto(`${platformUrl ?? ""}/reading`);
    const next = page.getByRole("link", { name: /case 1$/ });
    await next.waitFor();
    await photograph(page, "radiologist-work-list");
    await next.click();
    await page.locator("canvas").first().waitFor();
    await page.waitForTimeout(3_000);
    expect(await page.getByText(/malignant|benign/i).count()).toBeLessThanOrEqual(4);
    await photograph(page, "radiologist-unaided");

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await photograph(page, "radiologist-keys");
    await page.keyboard.press("Escape");

    await page.keyboard.press("r");
    await page.keyboard.press("2");
    await page.getByLabel("Suspicion of malignancy, right breast").fill("10");
    await page.keyboard.press("Escape");
    await page.keyboard.press("l");
    await page.keyboard.press("4");
    await page.getByLabel("Suspicion of malignancy, left breast").fill("60");
    await page.keyboard.press("Escape");
    await page.keyboard.press("d");
    await page.keyboard.press("b");
    await page.keyboard.press("Escape");
    await page.getByText("Complete. After the lock").waitFor();
    await page.keyboard.press("Control+Enter");

    await page.getByRole("heading", { name: /Saliency map/ }).waitFor();
    await page.waitForTimeout(3_000);
    await photograph(page, "radiologist-aided");
    const rating = page.getByRole("region", { name: "Map rating" });
    await rating.getByText("Partly", { exact: true }).click();
    await rating.getByText("No", { exact: true }).nth(1).click();
    await rating.getByText("Yes", { exact: true }).nth(2).click();
    await rating.getByText("3", { exact: true }).click();
    await rating.getByText("To recall", { exact: true }).click();
    await page.getByText("Complete. Submitting ends this case.").waitFor();
    await photograph(page, "radiologist-rated");
    await page.keyboard.press("Control+Enter");
    await page
      .getByText(/case 2/i)
      .first()
      .waitFor();
    await photograph(page, "radiologist-next-case");
    await page.context().close();
  });

  test("keeps a coordinator at the own site and shows what was done to the auditor", async () => {
    const coordinator = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(coordinator, "Studies");
    await photograph(coordinator, "coordinator-studies");
    expect(await coordinator.getByRole("main").getByText("East Clinic").count()).toBe(0);
    const answer = await coordinator.request.get(`${platformUrl ?? ""}/admin`);
    expect(await answer.text()).not.toMatch(/radiologist-2@demo/);
    await coordinator.context().close();

    const auditor = await signIn(browser, "auditor@demo.crossread");
    await visit(auditor, "Audit");
    await auditor
      .getByText(/training/i)
      .first()
      .waitFor();
    await photograph(auditor, "auditor-audit");
    await auditor.context().close();
  });
});
