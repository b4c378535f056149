import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  accessibilityViolations,
  launchBrowser,
  photograph,
  platformUrl,
  signIn,
} from "./browser-session.ts";
import { startRecordingProxy, type RecordedRequest, type RecordingProxy } from "./recording-proxy.ts";
import { writeUploadFolder, type UploadFolder } from "./upload-folder.ts";

let browser: Browser;
let folder: UploadFolder;
let proxy: RecordingProxy;

const isChunk = ({ method, url }: RecordedRequest) => method === "PUT" && url.startsWith("/api/uploads/");
const digestOf = ({ url }: RecordedRequest) => /files\/([0-9a-f]{64})/.exec(url)?.[1] ?? "";

/** As a hand does it: the browser itself opens the folder that is dropped. */
async function drop(page: Page, path: string): Promise<void> {
  const zone = page.getByTestId("drop-zone");
  const box = await zone.boundingBox();
  if (box === null) throw new Error("There is nowhere to drop");
  const cdp = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  await cdp.send("Input.dispatchDragEvent", { type: "dragEnter", ...at, data });
  await cdp.send("Input.dispatchDragEvent", { type: "dragOver", ...at, data });
  await photograph(page, "upload-dropping");
  await cdp.send("Input.dispatchDragEvent", { type: "drop", ...at, data });
}

/** Path below the folder → state, as the list shows it. */
async function shownFiles(page: Page): Promise<Map<string, string>> {
  const rows = page.getByRole("table", { name: "Files of this upload" }).locator("tbody tr");
  const cells = await rows.evaluateAll((elements) =>
    elements.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
  );
  const root = `${basename(folder.directory)}/`;
  return new Map(cells.map(([path = "", , state = ""]) => [path.replace(root, ""), state]));
}

/** The look for text in the image errs on the safe side; a person says of each such file that it names nobody. */
async function untilSent(page: Page): Promise<void> {
  const isSent = page.getByText("All files that can be are sent");
  const undecided = page.getByText("Some files wait for your decision");
  for (;;) {
    await isSent.or(undecided).first().waitFor();
    if ((await isSent.count()) > 0) return;
    await page.getByRole("button", { name: "Look" }).first().click();
    await photograph(page, "upload-text-in-pixels");
    await page.getByRole("button", { name: /send it as it is/ }).click();
    // The list is told a few times a second.
    await page.waitForTimeout(500);
  }
}

async function openUpload(page: Page): Promise<void> {
  await page.goto(`${proxy.url}/studies/upload`);
  await page.getByRole("heading", { level: 1, name: "Upload" }).waitFor();
  await page.getByText("Drop a folder").waitFor();
}

describe.skipIf(platformUrl === undefined)("the upload page", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
    folder = await writeUploadFolder(inject("contentSeed"));
    proxy = await startRecordingProxy(platformUrl ?? "");
  });

  afterAll(async () => {
    await browser.close();
    await proxy[Symbol.asyncDispose]();
    await rm(dirname(folder.directory), { recursive: true, force: true });
  });

  test("sends a mixed folder once, through an interruption, and keeps every identifier here", async () => {
    const signedIn = await signIn(browser, "coordinator-3@demo.crossread");
    const context = signedIn.context();
    // A browser without a window asks nobody for a folder that it was given before, and takes no click meanwhile.
    await context.addInitScript("delete DataTransferItem.prototype.getAsFileSystemHandle");
    const page = await context.newPage();
    await page.setViewportSize({ width: 1280, height: 900 });
    page.setDefaultTimeout(60_000);
    await openUpload(page);
    await photograph(page, "upload-empty");
    expect(await accessibilityViolations(page)).toEqual([]);

    await drop(page, folder.directory);
    const send = page.getByRole("button", { name: /De-identify and send/ });
    await send.waitFor();
    await page.getByRole("table", { name: "Attributes of the example" }).waitFor();
    await photograph(page, "upload-preview");
    expect(await accessibilityViolations(page)).toEqual([]);
    // Old values are on this screen, and only there.
    await page.getByText("PID4711081542").first().waitFor();

    proxy.cutAfter(5, isChunk);
    await send.click();
    await page.getByText("The connection is lost").waitFor();
    expect(proxy.isCut()).toBe(true);
    await photograph(page, "upload-network-lost");
    const sentBefore = proxy.requests.filter(isChunk).map(digestOf);
    expect(sentBefore.length).toBeGreaterThanOrEqual(5);
    await page.close();

    proxy.mend();
    const later = await context.newPage();
    await later.setViewportSize({ width: 1280, height: 900 });
    later.setDefaultTimeout(60_000);
    await openUpload(later);
    await later.getByText("An upload was interrupted").waitFor();
    await photograph(later, "upload-interrupted");
    await later.getByRole("button", { name: "Continue", exact: true }).click();
    await later.getByText("drop the same folder here").waitFor();
    await drop(later, folder.directory);
    await later.getByText(/\d sent before/).waitFor();
    await later.getByRole("button", { name: /De-identify and send/ }).click();
    await later
      .getByRole("button", { name: "Pause" })
      .click({ timeout: 5_000 })
      .catch(() => undefined);
    const resume = later.getByRole("button", { name: "Continue", exact: true });
    await later
      .getByText(/^Paused$|All files that can be are sent|Some files wait for your decision/)
      .first()
      .waitFor();
    if ((await resume.count()) === 1) {
      await photograph(later, "upload-paused");
      await resume.click();
    }
    await untilSent(later);
    await later.getByText("Read by the server", { exact: true }).waitFor();
    await later.getByText("1 refused").first().waitFor();
    await later.waitForTimeout(2_500);
    await photograph(later, "upload-done");
    expect(await accessibilityViolations(later)).toEqual([]);

    const states = await shownFiles(later);
    const statesOf = (paths: readonly string[]) => [
      ...new Set(paths.map((path) => states.get(path) ?? "absent")),
    ];
    const withTwins = [...folder.accepted, ...folder.duplicates];
    expect(statesOf(withTwins).toSorted()).toEqual(["accepted", "duplicate"]);
    expect(withTwins.filter((path) => states.get(path) === "duplicate")).toHaveLength(
      folder.duplicates.length,
    );
    expect(statesOf(folder.conflicting).toSorted()).toEqual(["accepted", "refused"]);
    expect(statesOf(folder.notSent)).toEqual(["not sent"]);
    expect(statesOf(folder.leftOut)).toEqual(["left out"]);
    const known = [withTwins, folder.conflicting, folder.notSent, folder.leftOut].flat();
    expect([...states.keys()].toSorted()).toEqual(known.toSorted());

    // Nothing was sent twice, except what was on its way when the cable was pulled.
    const digests = proxy.requests.filter(isChunk).map(digestOf);
    expect(new Set(digests).size).toBe(folder.accepted.length + 2);
    expect(digests.length - new Set(digests).size).toBeLessThanOrEqual(8);

    const wire = proxy.requests.map(({ body, headers, url }) =>
      Buffer.concat([Buffer.from(`${url}\n${headers.join("\n")}\n`), body])
        .toString("latin1")
        .toLowerCase(),
    );
    const forms = (secret: string) => [
      secret.toLowerCase(),
      secret.toLowerCase().split("").join("\0"),
      encodeURIComponent(secret).toLowerCase(),
      Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1).toLowerCase(),
    ];
    const leaked = folder.secrets.filter((secret) =>
      forms(secret).some((form) => wire.some((text) => text.includes(form))),
    );
    expect(leaked).toEqual([]);
    // The same search finds them all where they were planted.
    const planted = await readFile(join(folder.directory, folder.accepted[0] ?? ""));
    const original = planted.toString("latin1").toLowerCase();
    const found = folder.identifiers.filter((one) => forms(one).some((form) => original.includes(form)));
    expect(found).toEqual(folder.identifiers);
    expect(wire.some((text) => text.includes("xr-"))).toBe(true);

    await later.getByRole("link", { name: "1 refused" }).first().click();
    await later.getByRole("heading", { level: 1, name: "Refused files" }).waitFor();
    await later.getByText(/known already, with other content/).waitFor();
    await photograph(later, "quarantine");
    expect(await accessibilityViolations(later)).toEqual([]);
    const csv = await later.request.get(`${proxy.url}/api/refused?state=open`);
    expect(await csv.text()).toMatch(/^sha256,siteName,code,message,remedy,[^\r]*\r\n.*,conflict,/s);
    await later
      .getByRole("checkbox", { name: /^File / })
      .first()
      .check();
    await later.getByRole("button", { name: /^Dismiss 1/ }).click();
    await later.getByLabel("Reason").fill("A repeated export with edited pixels");
    await photograph(later, "quarantine-dismiss");
    await later.getByRole("dialog").getByRole("button", { name: "Dismiss" }).click();
    await later.getByText("Nothing waits to be mended").waitFor();
    await photograph(later, "quarantine-empty");
    await context.close();
  });
});
