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

const search = (token: string) =>
  fetch(`${platformUrl ?? ""}/api/dicomweb/studies?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  });

describe.skipIf(platformUrl === undefined)("a site's connections in the browser", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  test("a coordinator makes a token, it works once outside the browser, and ends when revoked", async () => {
    const page = await signIn(browser, "coordinator-1@demo.crossread");
    await visit(page, "Sites");
    await page.getByRole("main").getByRole("link", { name: "North Hospital" }).first().click();
    const tokens = page.getByRole("region", { name: "Tokens for DICOMweb" });
    await tokens.getByRole("button", { name: "New token" }).click();
    const dialog = page.getByRole("dialog", { name: "New token" });
    const name = `Browser test ${Date.now()}`;
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByLabel("It may").selectOption({ label: "Search and retrieve (QIDO-RS, WADO-RS)" });
    await dialog.getByLabel("It ends").selectOption({ label: "after 30 days" });
    await dialog.getByRole("button", { name: "Make the token" }).click();
    const shown = page.getByRole("dialog", { name: "Copy the token now" });
    const token = await shown.getByLabel("Token", { exact: true }).innerText();
    expect(token).toMatch(/^xr_[0-9a-f]{32}_[\w-]{43}$/);
    await photograph(page, "coordinator-new-token");
    await shown.getByRole("button", { name: "I have kept it" }).click();
    expect((await search(token)).status).toBe(200);
    const row = tokens.getByRole("row").filter({ hasText: name });
    await row.getByText("in force").waitFor();
    expect(await page.content()).not.toContain(token);
    expect(await accessibilityViolations(page)).toEqual([]);
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await row.getByText("revoked").waitFor();
    const refused = await search(token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer /);
    await photograph(page, "coordinator-site-connections");
    expect(await page.getByRole("button", { name: "Change the node" }).count()).toBe(0);
    await page.context().close();
  });

  test("an admin gives the site its AE title, and a wrong address is said", async () => {
    const page = await signIn(browser, "admin@demo.crossread");
    await visit(page, "Sites");
    await page.getByRole("main").getByRole("link", { name: "North Hospital" }).first().click();
    await page.getByRole("button", { name: "Change the node" }).click();
    const dialog = page.getByRole("dialog", { name: "DICOM node" });
    await dialog.getByLabel("AE title").fill("CR_NORTH");
    await dialog.getByLabel("Senders").fill("NORTH_PACS pacs.example.org");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Give an IP address").waitFor();
    await dialog.getByLabel("Senders").fill("NORTH_PACS 127.0.0.1");
    await dialog.getByRole("button", { name: "Save" }).click();
    const node = page.getByRole("region", { name: "DICOM node" });
    await node.getByText("CR_NORTH").waitFor();
    await node.getByText("NORTH_PACS").waitFor();
    await photograph(page, "admin-dicom-node");
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.context().close();
  });
});
