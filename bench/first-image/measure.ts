/**
 * From the press of "Open in the viewer" to the first image and to all four, in Chromium:
 * npx tsx bench/first-image/measure.ts URL STUDY_ID…
 */
import { chromium, type Page } from "playwright-core";

const [url, ...studyIds] = process.argv.slice(2);
if (url === undefined || studyIds.length === 0) throw new Error("Usage: measure.ts URL STUDY_ID…");
const repetitions = 3;

interface Times {
  readonly firstMs: number;
  readonly allMs: number;
  readonly longestTaskMs: number;
}

/** Runs in the page, as text: what tsx makes of a function needs tsx around it. */
const watch = `new Promise((resolve) => {
  let pressedAt = 0;
  let firstMs = 0;
  let longestTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  }).observe({ type: "longtask" });
  document.addEventListener("click", () => (pressedAt = performance.now()), { once: true, capture: true });
  const look = () => {
    const shown = document.querySelectorAll('[data-state="shown"]').length;
    if (shown > 0 && firstMs === 0) firstMs = performance.now() - pressedAt;
    if (shown < 4) return requestAnimationFrame(look);
    resolve({ firstMs, allMs: performance.now() - pressedAt, longestTaskMs });
  };
  look();
})`;

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const studyId of studyIds) {
  const times: Times[] = [];
  for (let index = 0; index < repetitions; index++) times.push(await measure(studyId));
  const median = (pick: (each: Times) => number) =>
    Math.round(times.map(pick).toSorted((a, b) => a - b)[Math.floor(repetitions / 2)] ?? Number.NaN);
  console.log(
    `${studyId}: first image ${median(({ firstMs }) => firstMs)} ms, all four ${median(({ allMs }) => allMs)} ms, longest task of the page ${median(({ longestTaskMs }) => longestTaskMs)} ms (medians of ${repetitions})`,
  );
}
await browser.close();

async function measure(studyId: string): Promise<Times> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await signIn(page);
  await page.goto(`${url}/studies/${studyId}`);
  await page.waitForLoadState("networkidle");
  const measured = page.evaluate<Times>(watch);
  await page.getByRole("button", { name: "Open in the viewer", exact: true }).click();
  const times = await measured;
  await context.close();
  return times;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: /admin@demo/ }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
}
