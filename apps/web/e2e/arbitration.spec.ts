import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  accessibilityViolations,
  launchBrowser,
  photograph,
  platformUrl,
  signIn,
} from "./browser-session.ts";
import { makeClosedStudy, type ClosedStudy } from "./closed-study.ts";
import { platformCalls, type PlatformCalls } from "./platform-calls.ts";
import { imagesShown, press } from "./reading-session.ts";

const arbitratorName = "Dr. Runa Referee";
/** Locks a reading of their own and leaves. */
const leavingName = `Dr. Lena Leaving ${randomUUID().slice(0, 8)}`;
const leavingEmail = `leaving-${randomUUID()}@example.org`;
const leavingPassword = `leaving ${randomUUID()}`;
const leavingReason = "Left the hospital";
const leavingComment = "Opinion of somebody who left";
const reason = "Two readers and an arbitrator say so";

let browser: Browser;
let adminPage: Page;
let admin: PlatformCalls;
let study: ClosedStudy;

const resultsSchema = z.object({
  isCurrent: z.boolean(),
  stored: z
    .object({ analysis: z.object({ breastCount: z.number(), consensusBreastCount: z.number() }) })
    .nullable(),
});
const results = async () =>
  resultsSchema.parse(await admin.query("readerStudies.results", { readerStudyId: study.readerStudyId }));
async function currentResults() {
  await expect.poll(async () => (await results()).isCurrent, { timeout: 60_000, interval: 500 }).toBe(true);
  return (await results()).stored?.analysis;
}

async function openStudyPage(): Promise<void> {
  await adminPage.goto(`${platformUrl ?? ""}/reader-studies/${study.readerStudyId}`);
  await adminPage.getByRole("heading", { level: 1, name: `Results of ${study.name}` }).waitFor();
}

/** The sign-in page offers no button for an account that is no demonstration's. */
async function signInWithPassword(): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${platformUrl ?? ""}/sign-in`);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("E-mail").fill(leavingEmail);
  await page.getByLabel("Password").fill(leavingPassword);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return page;
}

const type = (page: Page, text: string) => page.keyboard.type(text);

async function answerBreast(page: Page, key: "r" | "l", birads: string, suspicion: number): Promise<void> {
  await press(page, key, birads, "Tab");
  await type(page, String(suspicion));
  await press(page, "Escape");
}

const sitesSchema = z.array(z.object({ siteId: z.string() }));
const arbitrationListsSchema = z.array(
  z.object({ readerStudyName: z.string(), nextArbitrationId: z.string().nullable() }),
);

describe.skipIf(platformUrl === undefined)("a closed study whose readers disagree", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
    adminPage = await signIn(browser, "admin@demo.crossread");
    await adminPage.setViewportSize({ width: 1280, height: 800 });
    admin = platformCalls(adminPage.request, platformUrl ?? "");
    await admin.mutate("admin.createUser", {
      name: leavingName,
      email: leavingEmail,
      password: leavingPassword,
      memberships: sitesSchema
        .parse(await admin.query("sites.list"))
        .map(({ siteId }) => ({ siteId, role: "radiologist" })),
    });
    study = await makeClosedStudy(browser, admin, 8);
  });

  afterAll(async () => {
    await browser.close();
  });

  test("goes to arbitration by somebody who reads none of its cases", async () => {
    await openStudyPage();
    for (const kind of ["Reader – reference", "Reader – AI", "AI changed"]) {
      await adminPage.getByRole("checkbox", { name: new RegExp(`^${kind}`) }).uncheck();
    }
    await adminPage.getByText("1 of 16 breasts, 1 of 8 cases").waitFor();
    await adminPage.getByRole("button", { name: "Open arbitration…" }).click();
    const dialog = adminPage.getByRole("dialog", { name: "Open arbitration" });
    await dialog.getByRole("checkbox", { name: new RegExp(leavingName) }).check();
    expect(await dialog.getByText(`${arbitratorName}may take 8 of 8 cases`).count()).toBe(1);
    for (const name of study.readerNames) expect(await dialog.getByText(name).count()).toBe(0);
    await dialog.getByLabel("Control cases").fill("0");
    await dialog.getByRole("button", { name: "Open arbitration" }).click();
    await dialog.waitFor({ state: "detached" });
    const row = adminPage.getByRole("table", { name: "Discordances" }).getByRole("row").last();
    await row.getByText("waiting").waitFor();
  });

  test("is handed over after its reading was locked, and waits for somebody who begins anew", async () => {
    const leaving = await signInWithPassword();
    const calls = platformCalls(leaving.request, platformUrl ?? "");
    const [list] = arbitrationListsSchema.parse(await calls.query("arbitration.workList"));
    expect(list?.readerStudyName).toBe(study.name);
    const arbitrationId = list?.nextArbitrationId;
    await calls.mutate("arbitration.openCase", { arbitrationId });
    const answers = {
      breasts: { R: { birads: "1", suspicion: 3 }, L: { birads: "4C", suspicion: 83 } },
      density: "B",
      marks: [],
      comment: leavingComment,
    };
    const step = { arbitrationId, durationMs: 61_000 };
    await calls.mutate("arbitration.saveDraft", { ...step, step: "independent", version: 1, answers });
    await calls.mutate("arbitration.lock", { ...step, version: 2 });

    await openStudyPage();
    const progress = adminPage.getByRole("table", { name: "Progress of the arbitrators" });
    await progress
      .getByRole("row", { name: new RegExp(leavingName) })
      .getByRole("button")
      .click();
    const dialog = adminPage.getByRole("dialog", { name: `Hand over the cases of ${leavingName}` });
    const successor = dialog.getByLabel("To", { exact: true }).locator("option", { hasText: arbitratorName });
    await dialog
      .getByLabel("To", { exact: true })
      .selectOption((await successor.getAttribute("value")) ?? "");
    await dialog.getByLabel("Reason").fill(leavingReason);
    await dialog.getByRole("button", { name: "Hand over", exact: true }).click();
    await dialog.getByText("Nothing is left to hand over: every case is decided or locked.").waitFor();
    await dialog.getByRole("radio", { name: /All that are not decided/ }).check();
    await photograph(adminPage, "arbitration-handover-dialog-1280");
    expect(await accessibilityViolations(adminPage)).toEqual([]);
    await dialog.getByRole("button", { name: "Hand over", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await progress.getByText("1 handed over after the lock").waitFor();
    const row = adminPage.getByRole("table", { name: "Discordances" }).getByRole("row").last();
    await row.getByText(arbitratorName).waitFor();
    await row.getByText("waiting").waitFor();
    await progress.scrollIntoViewIfNeeded();
    await photograph(adminPage, "arbitration-handed-over-1280");

    await row.getByRole("link").first().click();
    await adminPage
      .getByRole("list", { name: "Handed over" })
      .getByText(`Handed over by ${leavingName}`)
      .waitFor();
    expect(await adminPage.getByText(leavingComment).count()).toBe(0);
    await leaving.goto(`${platformUrl ?? ""}/reading/arbitration/${arbitrationId ?? ""}`);
    await leaving.getByText("This case was handed over to somebody else").waitFor();
    expect(arbitrationListsSchema.parse(await calls.query("arbitration.workList"))).toEqual([]);
    await leaving.context().close();
  });

  test("is decided by keyboard: an own reading first, then the readings without names", async () => {
    const page = await signIn(browser, "radiologist-3@demo.crossread");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${platformUrl ?? ""}/reading`);
    const card = page.getByRole("listitem").filter({ hasText: study.name });
    await card.getByRole("link", { name: "Arbitrate case 1" }).focus();
    await press(page, "Enter");
    await imagesShown(page);
    await page.getByText("The other readings are shown after you have locked yours.").waitFor();
    expect(await page.getByText("Reading 1").count()).toBe(0);
    expect(await accessibilityViolations(page)).toEqual([]);

    await answerBreast(page, "r", "1", 4);
    await answerBreast(page, "l", "4", 40);
    await press(page, "d", "b", "Escape");
    await page.getByText("Complete. After the lock").waitFor();
    await press(page, "Control+Enter");

    const others = page.getByRole("region", { name: "Readings of this case" });
    await others.getByRole("columnheader", { name: "Reading 1" }).waitFor();
    await others.getByRole("columnheader", { name: "Reading 2" }).waitFor();
    const left = await others
      .getByRole("row", { name: /^L BI-RADS/ })
      .getByRole("cell")
      .allInnerTexts();
    expect([left[0], left.slice(1).toSorted()]).toEqual(["4A", ["2", "4B"]]);
    await imagesShown(page);
    const shown = await page.locator("body").innerText();
    for (const hidden of [...study.readerNames, leavingName, leavingComment]) {
      expect(shown).not.toContain(hidden);
    }

    // Their mark is kept, and 4A becomes 4B.
    await press(page, "q", " ", "Escape", "l", "4", "Escape");
    await others
      .getByRole("button", { name: /^Keep the mark of Reading [12] on L/, pressed: true })
      .waitFor();
    await page.getByText("Complete. Your decision ends this case").waitFor();
    await page.getByText("Draft saved").waitFor();
    await photograph(page, "arbitration-decision-1280");
    expect(await accessibilityViolations(page)).toEqual([]);
    await press(page, "Control+Enter");
    await page.getByText("All your cases of this arbitration are decided.").waitFor();
    await page.context().close();
  });

  test("gets the consensus as a reference standard, which its own results then leave out", async () => {
    expect(await currentResults()).toMatchObject({ breastCount: 16, consensusBreastCount: 0 });
    await openStudyPage();
    const table = adminPage.getByRole("table", { name: "Discordances" });
    await table.getByText("decided", { exact: true }).waitFor();
    await table.getByRole("link").first().click();
    await adminPage.getByRole("heading", { level: 1, name: /^Case / }).waitFor();
    const marks = adminPage.getByRole("list", { name: "Marks of the decision" });
    expect(await marks.innerText()).toContain(`kept from ${study.readerNames[0] ?? ""}`);
    expect(await adminPage.getByText("BI-RADS 4B, arbitration of 2 readings").count()).toBe(1);
    // What the first arbitrator had locked is on the record beside the decision.
    const record = adminPage.getByRole("table", { name: "Readings and decision" });
    await record.getByRole("columnheader", { name: `${leavingName} own reading, handed over` }).waitFor();
    await record.getByText(leavingComment).waitFor();
    await photograph(adminPage, "arbitration-handed-over-record-1280");
    expect(await accessibilityViolations(adminPage)).toEqual([]);

    // Right, left: the right breast is the one that nobody disputes.
    const consensus = adminPage.getByRole("region", { name: "Consensus as reference standard" });
    const form = consensus.locator("form").first();
    await form.getByLabel("Reason").fill(reason);
    await form.getByLabel("Change labels under the frozen membership").check();
    await form.getByRole("button", { name: "Put in force as reference standard" }).click();
    await consensus.getByText("A reader consensus in force says this.").waitFor();
    await adminPage.getByRole("link", { name: "Images and labels" }).click();
    const history = adminPage.getByRole("table", { name: "History of the labels" });
    const inForce = history
      .getByRole("row")
      .filter({ hasText: "right, reference" })
      .filter({ hasText: "in force" });
    await inForce.waitFor();
    const said = await inForce.innerText();
    expect(said).toContain("reader consensus");
    expect(said).toContain("consensus of 2 readings, arbitration of");
    expect(said).toContain(`study ${study.name}`);
    expect(said).toContain(reason);

    // Not looked at since, the results of before count as out of date and are computed again.
    expect(await currentResults()).toMatchObject({ breastCount: 15, consensusBreastCount: 1 });
  });

  test("shows every section of its results, with figures or the sentence why not", async () => {
    await openStudyPage();
    await currentResults();
    const sections = [
      "What was read",
      "AUC of suspicion",
      "Sensitivity of recall",
      "Specificity of recall",
      "ROC curves",
      "What the aid changed",
      "Agreement between readers",
      "The model’s maps and the marks",
      "What readers say of the maps",
      "Reading times",
      "Method",
    ];
    for (const name of sections) {
      const section = adminPage.getByRole("region", { name, exact: true });
      await section.getByRole("heading", { level: 2, name }).waitFor();
      const content = section.locator("table, svg, dl").or(section.getByText(/\w[^.]*\.$/));
      expect(await content.count(), name).toBeGreaterThan(0);
    }
    const shown = await adminPage.getByRole("main").innerText();
    expect(shown).not.toMatch(/\bNaN\b|\bundefined\b|Infinity/);
    for (const name of study.readerNames) expect(shown).toContain(name);
    await photograph(adminPage, "arbitration-results-1280");
    expect(await accessibilityViolations(adminPage)).toEqual([]);
  });

  test("says under a heading what cannot be shown, and offers to try again what got no answer", async () => {
    const nothing = "00000000-0000-7000-8000-000000000000";
    await adminPage.goto(`${platformUrl ?? ""}/reader-studies/${nothing}/cases/${nothing}`);
    await adminPage
      .getByRole("alert")
      .getByText(/There is no/)
      .waitFor();
    expect(await adminPage.getByRole("heading", { level: 1 }).innerText()).toBe("Case of a reader study");

    const page = await signIn(browser, "radiologist-3@demo.crossread");
    const lost = "**/api/trpc/**workList**";
    await page.route(lost, (route) => route.abort());
    await page.goto(`${platformUrl ?? ""}/reading`);
    const failures = page.getByRole("alert").filter({ hasText: "Crossread does not answer." });
    await failures.nth(1).waitFor();
    expect(await page.getByText("Failed to fetch").count()).toBe(0);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.unroute(lost);
    for (const failure of (await failures.all()).toReversed()) {
      await failure.getByRole("button", { name: "Try again" }).click();
    }
    await page.getByText("No open reader study is assigned to you.").waitFor();
    await page.getByRole("region", { name: "Arbitration" }).getByText(study.name).waitFor();
    expect(await failures.count()).toBe(0);
    await page.context().close();
  });
});
