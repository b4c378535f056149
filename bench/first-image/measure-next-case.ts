/**
 * From Ctrl+Enter on a complete case to all images of the next one, which were fetched ahead, in Chromium:
 * npx tsx bench/first-image/measure-next-case.ts URL EMAIL [CASES] [READING_MS]
 * The cases are read to their end with the demonstration's password, so each run takes fresh ones: those of the newest
 * study in the work list (`seed-cases.ts` makes one). A reader spends READING_MS on each, in which the next one comes in.
 */
import { chromium, type Page } from "playwright-core";

const [url, email, cases = "4", readingMs = "2000"] = process.argv.slice(2);
if (url === undefined || email === undefined)
  throw new Error("Usage: measure-next-case.ts URL EMAIL [CASES] [READING_MS]");

interface Times {
  readonly nameMs: number;
  readonly firstMs: number;
  readonly allMs: number;
}

/** Runs in the page, as text: what tsx makes of a function needs tsx around it. */
const watch = `new Promise((resolve) => {
  const nameOfCase = () => /Case \\d+ of \\d+/.exec(document.querySelector("header")?.textContent ?? "")?.[0];
  const before = nameOfCase();
  let pressedAt = 0;
  let nameMs = 0;
  let firstMs = 0;
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") pressedAt = performance.now();
  }, { capture: true });
  const look = () => {
    const name = nameOfCase();
    if (pressedAt > 0 && name !== undefined && name !== before) {
      const shown = document.querySelectorAll('[data-testid^="view-"][data-state="shown"]').length;
      const sinceMs = performance.now() - pressedAt;
      if (nameMs === 0) nameMs = sinceMs;
      if (shown > 0 && firstMs === 0) firstMs = sinceMs;
      if (shown === 4) return resolve({ nameMs, firstMs, allMs: sinceMs });
    }
    requestAnimationFrame(look);
  };
  look();
})`;

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
const page = await context.newPage();
page.setDefaultTimeout(60_000);
await page.goto(`${url}/sign-in`);
await page.getByRole("button", { name: new RegExp(email) }).click();
await page.getByRole("button", { name: "Sign in", exact: true }).click();
await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
await page.goto(`${url}/reading`);
await page
  .getByRole("link", { name: /case \d+$/ })
  .last()
  .click();
const times: Times[] = [];
for (let index = 0; index < Number(cases); index++) {
  await readCase(page);
  await page.waitForTimeout(Number(readingMs));
  const measured = page.evaluate<Times>(watch);
  await page.keyboard.press("Control+Enter");
  times.push(await measured);
}
const median = (pick: (each: Times) => number) =>
  Math.round(times.map(pick).toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN);
console.log(
  `next case: named after ${median(({ nameMs }) => nameMs)} ms, first image ${median(({ firstMs }) => firstMs)} ms, all four ${median(({ allMs }) => allMs)} ms (medians of ${times.length}; all four: ${times.map(({ allMs }) => Math.round(allMs)).join(", ")})`,
);
await browser.close();

/** As a reader does it, by keys. */
async function readCase(room: Page): Promise<void> {
  const press = async (...keys: string[]) => {
    for (const key of keys) await room.keyboard.press(key);
  };
  await room.waitForFunction(
    () => document.querySelectorAll('[data-testid^="view-"][data-state="shown"]').length === 4,
  );
  const complete = room.getByText(/^Complete\./);
  const isAided = (await room.getByRole("region", { name: "Map rating" }).count()) > 0;
  if (!isAided) {
    for (const breast of ["right", "left"] as const) {
      await press(breast === "right" ? "r" : "l", "2");
      await room.getByLabel(`Suspicion of malignancy, ${breast} breast`).fill("20");
      await press("Escape");
    }
    await press("d", "b", "Escape");
    await complete.waitFor();
    await press("Control+Enter");
  }
  const rating = room.getByRole("region", { name: "Map rating" });
  await rating.waitFor();
  for (const group of await rating.getByRole("group").all()) {
    await group.getByRole("radio").first().check({ force: true });
  }
  await complete.waitFor();
}
