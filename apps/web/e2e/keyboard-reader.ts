import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { imagesShown, press, repeat } from "./reading-session.ts";
import type { Span, Watch } from "./reading-watch.ts";

/** Counts what a pointer does, in every page of the browser; a key that presses a button is no pointer. */
export const countPointers = `
  for (const type of ["pointerdown", "pointermove", "mousedown", "mousemove", "wheel", "touchstart"]) {
    addEventListener(type, (event) => {
      if (event.isTrusted) localStorage.setItem("test.pointers", (localStorage.getItem("test.pointers") ?? "") + type + " ");
    }, true);
  }`;

/** A headless browser shows every tab at once: what it would say of a tab behind another is said for it. */
export const hideableTabs = `
  globalThis.isTabHidden = false;
  Object.defineProperty(document, "hidden", { get: () => globalThis.isTabHidden });`;
export const setHidden = (page: Page, isHidden: boolean) =>
  page.evaluate((value) => {
    Reflect.set(globalThis, "isTabHidden", value);
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);

export const type = (page: Page, text: string) => page.keyboard.type(text);
export const saved = (page: Page) => page.getByText("Draft saved").waitFor();

export async function signInByKeys(page: Page, origin: string, account: { email: string; password: string }) {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("E-mail").waitFor();
  await page.waitForLoadState("networkidle");
  await press(page, "Tab");
  await type(page, account.email);
  await press(page, "Tab");
  await type(page, account.password);
  await press(page, "Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** By Tab to what says it, and Enter. */
export async function chooseByKeys(page: Page, name: RegExp) {
  for (let tries = 0; tries < 80; tries++) {
    await press(page, "Tab");
    const focused = await page.evaluate(() => document.activeElement?.textContent ?? "");
    if (name.test(focused)) return press(page, "Enter");
  }
  throw new Error(`No Tab leads to "${name.source}".`);
}

interface Place {
  /** From 0. */
  readonly place: number;
  readonly caseCount: number;
}

/** From the work list into the next case. */
export async function openNext(page: Page, origin: string, at: Place) {
  await page.goto(`${origin}/reading`);
  if (at.place === 0) {
    await page.getByRole("button", { name: "Accept" }).waitFor();
    await chooseByKeys(page, /^Accept$/);
  }
  await page.getByRole("link", { name: new RegExp(`case ${at.place + 1}$`) }).waitFor();
  await chooseByKeys(page, /case \d+$/);
  await caseShown(page, at);
}

export async function caseShown(page: Page, { caseCount, place }: Place) {
  await page.getByText(`Case ${place + 1} of ${caseCount}`, { exact: true }).waitFor();
  await imagesShown(page);
}

export interface Typed {
  readonly R: { readonly birads: string; readonly suspicion: number };
  readonly L: { readonly birads: string; readonly suspicion: number };
  readonly density: string;
  readonly comment: string;
  readonly markCount: number;
}

export async function typeBreast(page: Page, key: "r" | "l", breast: Typed["R"]) {
  const digit = breast.birads[0] ?? "";
  const times = { A: 1, B: 2, C: 3 }[breast.birads[1] ?? "A"] ?? 1;
  await press(page, key, ...repeat(digit, times), "Tab");
  await type(page, String(breast.suspicion));
  await press(page, "Escape");
}
export async function typeDensity(page: Page, density: string) {
  await press(page, "d", density.toLowerCase(), "Escape");
}
export async function typeComment(page: Page, comment: string) {
  await press(page, "c");
  await type(page, comment);
  await press(page, "Escape");
}
export const drawMark = (page: Page) =>
  press(page, "e", "Enter", ...repeat("ArrowRight", 3), ...repeat("ArrowDown", 3), "Enter", "Escape");

export async function typeAll(page: Page, typed: Typed) {
  await typeBreast(page, "r", typed.R);
  await typeBreast(page, "l", typed.L);
  await typeDensity(page, typed.density);
  if (typed.markCount > 0) await drawMark(page);
  await typeComment(page, typed.comment);
}

export async function lock(page: Page, watch: Watch): Promise<Span> {
  await page.getByText("Complete. After the lock").waitFor();
  watch.turn("unsure");
  const opened = page.getByRole("region", { name: "Map rating" });
  const refused = page.getByText("The model's maps of this case are still being made");
  // A study may open before its checkpoint is explained.
  while (!(await opened.isVisible())) {
    await press(page, "Control+Enter");
    await opened.or(refused).first().waitFor();
    if (await refused.isVisible()) await sleep(3_000);
  }
  return watch.next();
}

/** Yes, no, no, 4, no change. */
export async function rateMapAndSubmit(page: Page, watch: Watch) {
  await press(page, "q", " ", "Tab", "ArrowRight", "Tab", "ArrowRight", "Tab", "4", "Tab", " ", "Escape");
  await page.getByText("Complete. Submitting").waitFor();
  watch.turn("unsure");
  await press(page, "Control+Enter");
}
