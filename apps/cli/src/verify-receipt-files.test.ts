import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeidentificationReceipt } from "@crossread/contracts/deidentification-receipt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyReceiptFiles } from "./verify-receipt-files.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const receipt = {
  studyInstanceUid: "2.25.1",
  files: [{ sopInstanceUid: "2.25.11", sha256After: sha256("image") }],
} as unknown as DeidentificationReceipt;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-receipt-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, name, path, ".."), { recursive: true });
    await writeFile(join(directory, name, path), text);
  }
  return join(directory, name);
}

test("files are found beside each other and as deidentify writes them", async () => {
  expect(await verifyReceiptFiles(receipt, await folder("flat", { "2.25.11.dcm": "image" }))).toBe(1);
  expect(await verifyReceiptFiles(receipt, await folder("written", { "2.25.1/2.25.11.dcm": "image" }))).toBe(
    1,
  );
});

test("a file that is missing, of another study or changed is named", async () => {
  const elsewhere = await folder("elsewhere", { "2.25.2/2.25.11.dcm": "image" });
  await expect(verifyReceiptFiles(receipt, elsewhere)).rejects.toMatchObject({ code: "file-missing" });
  const changed = await folder("changed", { "2.25.1/2.25.11.dcm": "another image" });
  await expect(verifyReceiptFiles(receipt, changed)).rejects.toThrow(
    /2\.25\.11\.dcm in .* is not the file that/,
  );
});
