import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { describe, expect, test } from "vitest";
import { listZip, readZipEntry } from "./zip-archive.ts";

async function archive(entries: Readonly<Record<string, Uint8Array | string>>): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter("application/zip"), { useWebWorkers: false });
  for (const [name, content] of Object.entries(entries)) {
    await writer.add(
      name,
      typeof content === "string" ? new TextReader(content) : new Uint8ArrayReader(content),
    );
  }
  return writer.close();
}

/** Hard to compress, the same every time. */
const noise = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 2_654_435_761) >>> 13);

describe("a zip archive", () => {
  test("gives its files with path and size, and each one's bytes", async () => {
    const zip = await archive({ "study/R-CC.dcm": noise, "study/": "", "empty.txt": "" });
    const { entries, skipped } = await listZip(zip);
    expect(skipped).toEqual([]);
    expect(entries.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ["study/R-CC.dcm", noise.length],
      ["empty.txt", 0],
    ]);
    expect(await readZipEntry(zip, entries[0]?.index ?? -1)).toEqual(noise);
  });

  test("keeps out paths that lead elsewhere, archives inside it, and bombs", async () => {
    const { entries, skipped } = await listZip(
      await archive({
        "../outside.dcm": "x",
        "/etc/passwd": "x",
        "C:/windows.dcm": "x",
        "a\\b.dcm": "x",
        "more.ZIP": "x",
        "bomb.dcm": new Uint8Array(5 * 1024 * 1024),
        "fine..dcm": "x",
      }),
    );
    expect(entries.map(({ path }) => path)).toEqual(["fine..dcm"]);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      "../outside.dcm: Its path leads out of the archive.",
      "/etc/passwd: Its path leads out of the archive.",
      "C:/windows.dcm: Its path leads out of the archive.",
      "a\\b.dcm: Its path leads out of the archive.",
      "more.ZIP: Archives inside archives are not opened; unpack it and choose the folder.",
      "bomb.dcm: It would unpack to more than 200 times its size, as archives do that are made to fill a disk.",
    ]);
  });

  test("stops when an entry unpacks to more than its directory says", async () => {
    const zip = await archive({ "a.dcm": noise });
    const bytes = new Uint8Array(await zip.arrayBuffer());
    const view = new DataView(bytes.buffer);
    // Uncompressed size in the central directory (APPNOTE 4.3.12), made smaller than it is.
    for (let offset = 0; offset + 46 < bytes.length; offset++) {
      if (view.getUint32(offset, true) === 0x02014b50) view.setUint32(offset + 24, 100, true);
    }
    const lying = new Blob([bytes]);
    const { entries } = await listZip(lying);
    expect(entries[0]?.sizeBytes).toBe(100);
    await expect(readZipEntry(lying, 0)).rejects.toThrow(/more than it says|data|size/i);
  });

  test("is refused whole where it is none", async () => {
    await expect(listZip(new Blob([noise]))).rejects.toThrow(/not recognized|not found/);
  });
});
