import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDataset } from "./dataset-directory.ts";

const content = Buffer.from("pixels");
const image = {
  imageId: "one",
  file: "one.pgm",
  sha256: createHash("sha256").update(content).digest("hex"),
  subjectId: "S1",
  laterality: "R",
  view: "MLO",
  label: "benign",
  finding: "normal",
  lesions: [],
};
const manifest = {
  format: "crossread-dataset",
  version: 1,
  name: "test",
  source: "csv",
  acquisition: "digital",
  licence: "",
  images: [image],
};

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-dataset-"));
  await writeFile(join(directory, "one.pgm"), content);
});
afterAll(() => rm(directory, { recursive: true }));

async function readWith(changed: unknown, check: "presence" | "digest" = "presence") {
  await writeFile(
    join(directory, "dataset.json"),
    typeof changed === "string" ? changed : JSON.stringify(changed),
  );
  return await readDataset(directory, { check });
}

describe("readDataset", () => {
  it("reads a manifest whose files are there and unchanged", async () => {
    expect((await readWith(manifest, "digest")).manifest).toEqual(manifest);
  });

  it.each([
    ["no JSON", "{", "dataset-invalid", "is not valid JSON"],
    ["another format", { ...manifest, format: "other" }, "dataset-invalid", "at format"],
    ["an unknown key", { ...manifest, secret: 1 }, "dataset-invalid", "no dataset manifest"],
    [
      "a wrong image",
      { ...manifest, images: [{ ...image, view: "XX" }] },
      "dataset-invalid",
      "at images.0.view",
    ],
    ["an image twice", { ...manifest, images: [image, image] }, "dataset-invalid", "lists one twice"],
    [
      "a path that leaves",
      { ...manifest, images: [{ ...image, file: "../x" }] },
      "dataset-invalid",
      '"../x"',
    ],
    [
      "an absolute path",
      { ...manifest, images: [{ ...image, file: "/etc/passwd" }] },
      "dataset-invalid",
      "inside",
    ],
    [
      "a missing file",
      { ...manifest, images: [{ ...image, file: "two.pgm" }] },
      "file-missing",
      "no such file",
    ],
    [
      "a changed file",
      { ...manifest, images: [{ ...image, sha256: "0".repeat(64) }] },
      "blob-digest-mismatch",
      "the manifest says 0000",
    ],
  ])("refuses %s", async (_name, changed, code, message) => {
    await expect(readWith(changed, "digest")).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  it("refuses a directory that is missing or has no manifest", async () => {
    await expect(readDataset(join(directory, "none"))).rejects.toMatchObject({ code: "directory-missing" });
    await rm(join(directory, "dataset.json"), { force: true });
    await expect(readDataset(directory)).rejects.toMatchObject({ code: "file-missing" });
  });
});
