import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pagesOfApplication } from "../src/server/testing/every-route.ts";
import { accessibilityViolations, launchBrowser, platformUrl, signIn } from "./browser-session.ts";

const people = {
  admin: "admin@demo.crossread",
  coordinator: "coordinator-1@demo.crossread",
  radiologist: "radiologist-1@demo.crossread",
  auditor: "auditor@demo.crossread",
} as const;

const nothing = "00000000-0000-7000-8000-000000000000";

/** Pages that the demonstration has no content for: what they say then is looked at. */
const withoutContent: Readonly<Record<string, readonly string[]>> = {
  admin: [`/reader-studies/${nothing}/edit`, `/reader-studies/${nothing}/cases/${nothing}`],
  radiologist: [`/reading/arbitration/${nothing}`],
};

/** Buttons that open a dialog, where the role has them; the dialog is left again without an answer. */
const openers =
  /^(New user|Roles|Sign out|Disable|Change the node|New token|Revoke|New reader study|Close the study|Freeze|Start|Publish|Cancel run|Edit the labels|Edit the lesion marks|Open in the viewer)$/;

let browser: Browser;
const seen = new Set<string>();

/** Every page of the application, from the file system: a new one is covered without a word here. */
const pagePatterns = async (): Promise<string[]> => (await pagesOfApplication()).map((path) => `/${path}`);

/** The page that shows an address: one without a parameter before one with. */
function patternOf(path: string, patterns: readonly string[]): string | undefined {
  const matches = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll(/\[[^\]]+\]/g, "[^/]+")}$`).test(path);
  return patterns.find((pattern) => pattern === path) ?? patterns.find(matches);
}

async function settle(page: Page): Promise<void> {
  await page.getByRole("heading").or(page.getByRole("alert")).first().waitFor();
  await page.waitForFunction(
    () =>
      document.querySelector(
        "[role=status][aria-label^=Loading], [data-state=loading], .animate-pulse[role=status]",
      ) === null && !/(Loading|Opening)[^.…]*…/.test(document.body.textContent ?? ""),
  );
}

async function addressesOn(page: Page): Promise<string[]> {
  const links = await page
    .locator("a[href]")
    .evaluateAll((all) => all.map((link) => (link instanceof HTMLAnchorElement ? link.href : "")));
  return links
    .filter((link) => new URL(link).origin === new URL(page.url()).origin)
    .map((link) => new URL(link).pathname);
}

async function dialogViolations(page: Page): Promise<string[]> {
  const found: string[] = [];
  const opened = new Set<string>();
  const buttons = page.getByRole("main").getByRole("button", { name: openers, disabled: false });
  for (const button of await buttons.all()) {
    const name = await button.innerText();
    if (opened.has(name)) continue;
    opened.add(name);
    await button.click();
    const dialog = page.getByRole("dialog").first();
    await dialog.waitFor();
    await settle(page);
    found.push(...(await accessibilityViolations(page)).map((violation) => `“${name}”: ${violation}`));
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  return found;
}

describe.skipIf(platformUrl === undefined)("every page, for every role that is led to it", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test.for(Object.entries(people))("has no serious violation for the %s", async ([role, email]) => {
    const patterns = await pagePatterns();
    const page = await signIn(browser, email);
    await page.setViewportSize({ width: 1280, height: 800 });
    const visited = new Map<string, string>();
    const waiting = ["/", ...(withoutContent[role] ?? [])];
    const violations: string[] = [];
    for (;;) {
      const path = waiting.shift();
      if (path === undefined) break;
      const pattern = patternOf(path, patterns);
      if (pattern === undefined || visited.has(pattern)) continue;
      visited.set(pattern, path);
      await page.goto(`${platformUrl ?? ""}${path}`);
      await settle(page);
      waiting.push(...(await addressesOn(page)));
      const onPage = [...(await accessibilityViolations(page)), ...(await dialogViolations(page))];
      violations.push(...onPage.map((violation) => `${pattern} as ${role}: ${violation}`));
    }
    for (const pattern of visited.keys()) seen.add(pattern);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  test("has no serious violation before anybody has signed in", async () => {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(`${platformUrl ?? ""}/sign-in`);
    await settle(page);
    expect(await accessibilityViolations(page)).toEqual([]);
    seen.add("/sign-in");
    await page.context().close();
  });

  test("leaves no page out", async () => {
    const missed = (await pagePatterns()).filter((pattern) => !seen.has(pattern));
    expect(missed).toEqual([]);
  });
});
