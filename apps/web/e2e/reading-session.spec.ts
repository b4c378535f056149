import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { BrowserContext } from "playwright-core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { indexWords, textOf } from "./answer-words.ts";
import { launchBrowser, platformUrl, signIn } from "./browser-session.ts";
import { secretsOfCases } from "./case-secrets.ts";
import {
  caseShown,
  chooseByKeys,
  countPointers,
  drawMark,
  hideableTabs,
  lock,
  openNext,
  rateMapAndSubmit,
  saved,
  setHidden,
  signInByKeys,
  type,
  typeAll,
  typeBreast,
  typeComment,
  typeDensity,
  type Typed,
} from "./keyboard-reader.ts";
import { killableBrowser } from "./killable-browser.ts";
import { platformCalls, type PlatformCalls } from "./platform-calls.ts";
import { press } from "./reading-session.ts";
import { expectWithin, Watch, type Span } from "./reading-watch.ts";
import { startRecordingProxy } from "./recording-proxy.ts";

const caseCount = 20;
const secondTabCase = 4;
const offlineCase = 9;
const killedCase = 14;
const offlineMs = 30_000;
/** After which a keystroke is on disk. */
const onDiskMs = 1_500;

const choicesSchema = z.object({
  cohorts: z.array(z.object({ cohortId: z.string(), caseCounts: z.object({ "internal-test": z.number() }) })),
  checkpoints: z.array(z.object({ checkpointId: z.string() })),
});
const breastSchema = z.object({ birads: z.string(), suspicion: z.number() });
const exportSchema = z.object({
  cases: z.array(
    z.object({
      caseId: z.string(),
      readings: z.array(
        z.object({
          condition: z.enum(["unaided", "aided"]),
          durationMs: z.number(),
          answers: z.object({
            breasts: z.object({ R: breastSchema, L: breastSchema }),
            density: z.string(),
            marks: z.array(z.object({ markId: z.string() })),
            comment: z.string(),
          }),
          mapRating: z.record(z.string(), z.unknown()).nullable(),
        }),
      ),
    }),
  ),
});
const auditSchema = z.object({
  rows: z.array(z.object({ action: z.string(), entityId: z.string(), details: z.unknown() })),
});

/** A study of its own, so that no other test reads in it, with the password of its reader. */
async function openStudy(admin: PlatformCalls) {
  const email = `session-${randomUUID()}@example.org`;
  const password = `session ${randomUUID()}`;
  const sites = z.array(z.object({ siteId: z.string() })).parse(await admin.query("sites.list"));
  const memberships = sites.map(({ siteId }) => ({ siteId, role: "radiologist" }));
  const created = await admin.mutate("admin.createUser", { email, name: "Session", password, memberships });
  const { userId } = z.object({ userId: z.string() }).parse(created);
  const choices = choicesSchema.parse(await admin.query("readerStudies.choices"));
  const study = {
    name: `Session ${email}`,
    cohortId: choices.cohorts.find(({ caseCounts }) => caseCounts["internal-test"] >= caseCount)?.cohortId,
    split: "internal-test",
    readerIds: [userId],
    caseLimit: caseCount,
    seed: 20,
    settings: defaultReaderStudySettings,
  };
  // The newest checkpoint need not have explained the cohort.
  for (const { checkpointId } of choices.checkpoints) {
    const drafted = await admin.mutate("readerStudies.create", { ...study, checkpointId }).catch(() => null);
    const draft = z.object({ readerStudyId: z.string() }).safeParse(drafted).data;
    if (draft === undefined) continue;
    const opened = await admin.mutate("readerStudies.open", draft).catch(() => null);
    if (opened !== null) return { ...draft, email, password };
  }
  throw new Error("No checkpoint has scored the cohort.");
}

/** Different for every case, so that an answer in the wrong place is seen. */
const plannedFor = (place: number): Typed => ({
  R: { birads: ["1", "2", "3"][place % 3] ?? "", suspicion: place },
  L: { birads: ["4A", "4B", "4C", "5"][place % 4] ?? "", suspicion: 50 + place },
  density: ["A", "B", "C", "D"][place % 4] ?? "",
  comment: `case ${place + 1}`,
  markCount: [offlineCase, killedCase].includes(place) || place % 5 === 0 ? 1 : 0,
});

describe.skipIf(platformUrl === undefined)("a session of twenty cases by keyboard alone", () => {
  test("loses nothing and doubles nothing through a second tab, half a minute without network and a killed browser", async () => {
    const administration = await launchBrowser();
    const adminPage = await signIn(administration, "admin@demo.crossread");
    const admin = platformCalls(adminPage.request, platformUrl ?? "");
    const study = await openStudy(admin);
    await using proxy = await startRecordingProxy(platformUrl ?? "");
    await using browser = await killableBrowser();
    let context: BrowserContext = await browser.start();
    await context.addInitScript({ content: countPointers + hideableTabs });
    let page = context.pages()[0] ?? (await context.newPage());
    await signInByKeys(page, proxy.url, study);
    const secrets = await secretsOfCases(admin);
    const watch = new Watch();
    const enteredAt = proxy.answers.length;
    /** How many answers had come when each case was locked. */
    const lockedAt: number[] = [];
    const spans: { readonly unaided: Span; readonly aided: Span }[] = [];
    watch.turn("unsure");
    await openNext(page, proxy.url, { place: 0, caseCount });
    watch.turn("sure");

    for (let place = 0; place < caseCount; place++) {
      await caseShown(page, { place, caseCount });
      const typed = plannedFor(place);
      if (place === secondTabCase) {
        await typeBreast(page, "r", { ...typed.R, suspicion: 99 });
        await saved(page);
        await setHidden(page, true);
        watch.turn("off");
        // The second tab changes what the first one holds, and the first one changes something else after it.
        const tab = await context.newPage();
        watch.turn("unsure");
        await openNext(tab, proxy.url, { place, caseCount });
        watch.turn("sure");
        await typeBreast(tab, "r", typed.R);
        await typeBreast(tab, "l", typed.L);
        await typeComment(tab, typed.comment);
        await saved(tab);
        await setHidden(tab, true);
        watch.turn("off");
        await tab.close();
        await setHidden(page, false);
        watch.turn("sure");
        await typeDensity(page, typed.density);
        await page.getByText("Which version holds?").waitFor();
        await press(page, "Escape");
        await chooseByKeys(page, /^The other one$/);
        await saved(page);
        await typeDensity(page, typed.density);
        if (typed.markCount > 0) await drawMark(page);
      } else if (place === offlineCase) {
        await typeBreast(page, "r", typed.R);
        await saved(page);
        proxy.cutAfter(0, () => true);
        const cutAt = performance.now();
        await typeBreast(page, "l", typed.L);
        await drawMark(page);
        await typeDensity(page, typed.density);
        await typeComment(page, typed.comment);
        await page.getByText("Not saved yet, kept in this browser").waitFor();
        // Locking cannot succeed now, and must not be done twice later.
        await press(page, "Control+Enter");
        await page.getByRole("alert").first().waitFor();
        await sleep(Math.max(0, offlineMs - (performance.now() - cutAt)));
        proxy.mend();
        await saved(page);
      } else if (place === killedCase) {
        await typeBreast(page, "r", typed.R);
        await typeBreast(page, "l", typed.L);
        await drawMark(page);
        await saved(page);
        // No server hears of what follows.
        proxy.cutAfter(0, () => true);
        await typeDensity(page, typed.density);
        await press(page, "c");
        await type(page, typed.comment);
        await sleep(onDiskMs);
        await browser.kill();
        watch.turn("off");
        proxy.mend();
        context = await browser.start();
        await context.addInitScript({ content: countPointers + hideableTabs });
        page = context.pages()[0] ?? (await context.newPage());
        watch.turn("unsure");
        await openNext(page, proxy.url, { place, caseCount });
        watch.turn("sure");
        await saved(page);
      } else {
        await typeAll(page, typed);
      }
      lockedAt.push(proxy.answers.length);
      const unaided = await lock(page, watch);
      await rateMapAndSubmit(page, watch);
      if (place + 1 < caseCount) await caseShown(page, { place: place + 1, caseCount });
      spans.push({ unaided, aided: watch.next() });
    }
    await page.getByText("All cases of this study are read.").waitFor();
    expect(await page.evaluate(() => localStorage.getItem("test.pointers"))).toBeNull();
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("crossread."))),
    ).toEqual([]);

    await admin.mutate("readerStudies.close", { readerStudyId: study.readerStudyId });
    const path = `/api/reader-studies/${study.readerStudyId}/export?format=json`;
    const exported = exportSchema.parse(JSON.parse(await admin.text(path))).cases;
    expect(exported).toHaveLength(caseCount);
    const locked = exported.map(({ readings }) => {
      const unaided = readings.filter(({ condition }) => condition === "unaided");
      const aided = readings.filter(({ condition }) => condition === "aided");
      return { unaided, aided };
    });
    const mapRating = {
      lesionInsideHotArea: "yes",
      hasMissedLesion: false,
      hasSpuriousAreas: false,
      plausibility: 4,
      wouldChangeRecall: "no",
      comment: "",
    };
    const comments = new Map(locked.map((one) => [one.unaided[0]?.answers.comment, one]));
    for (let place = 0; place < caseCount; place++) {
      const typed = plannedFor(place);
      const one = comments.get(typed.comment);
      expect([one?.unaided.length, one?.aided.length], typed.comment).toEqual([1, 1]);
      for (const reading of [one?.unaided[0], one?.aided[0]]) {
        const { breasts, comment, density, marks } = reading?.answers ?? {};
        const markCount = marks?.length;
        expect({ ...breasts, comment, density, markCount }, typed.comment).toEqual(typed);
      }
      expect(one?.aided[0]?.mapRating).toEqual(mapRating);
      const span = spans[place];
      if (span === undefined) throw new Error(`No watch was held at ${typed.comment}.`);
      expectWithin(one?.unaided[0]?.durationMs ?? 0, span.unaided, `unaided ${typed.comment}`);
      expectWithin(one?.aided[0]?.durationMs ?? 0, span.aided, `aided ${typed.comment}`);
    }

    for (const action of ["reading.lock-unaided", "reading.submit"]) {
      const { rows } = auditSchema.parse(await admin.query("audit.list", { action }));
      // Twenty cases of this session are the newest events of their kind.
      const newest = rows.slice(0, caseCount).map(({ entityId }) => entityId);
      expect(new Set(newest).size, action).toBe(caseCount);
    }

    // Programs are the same for everybody, and made before any case came; their codes look like pseudonyms.
    const texts = proxy.answers
      .slice(enteredAt)
      .map((answer) => (answer.url.startsWith("/_next/static/") ? "" : textOf(answer)));
    expect(texts.length).toBeGreaterThan(caseCount * 8);
    const siteNames = z
      .array(z.object({ name: z.string(), code: z.string() }))
      .parse(await admin.query("sites.list"));
    // Names of sites are on the frame of pages that are not the reading room's; none of them was opened.
    expect(siteNames.filter(({ name }) => texts.some((text) => text.includes(name)))).toEqual([]);
    const words = indexWords(texts);
    expect(secrets.flatMap(({ origin }) => origin).filter((secret) => words.has(secret))).toEqual([]);
    for (const [place, until] of lockedAt.entries()) {
      // The last answer to "open" before the lock says which images the case has.
      const opened = texts
        .slice(0, until - enteredAt)
        .findLast((text) => text.includes(`"position":${place},`));
      const shown = opened?.slice(0, opened.indexOf(`"next":`)) ?? "";
      const own = secrets.filter(({ instanceIds }) => instanceIds.some((id) => shown.includes(id)));
      expect(own, `case ${place + 1}`).toHaveLength(1);
      const aid = own.flatMap((one) => one.aid.map((secret) => words.get(secret)));
      const early = aid.filter((at) => at !== undefined && at.first < until - enteredAt);
      expect(early, `case ${place + 1} before its lock`).toEqual([]);
      const late = aid.filter((at) => at !== undefined && at.last >= until - enteredAt);
      expect(late.length, `case ${place + 1} after its lock`).toBeGreaterThan(0);
    }
    await administration.close();
  }, 900_000);
});
