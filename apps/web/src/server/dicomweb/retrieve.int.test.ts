import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readInstance } from "@crossread/dicom/read-instance";
import { readCodestreamHeader } from "@crossread/dicom/codestream-header";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { decodePng } from "@crossread/dicom/png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testData } from "../../../../../tests/testdata.ts";
import { dicomWebWorld, mammogram, type DicomWebWorld } from "./testing/dicomweb-world.ts";
import { createMultipartReader } from "./multipart-reader.ts";

const data = testData("mammography");
const instance = "studies/2.25.100/series/2.25.101/instances/2.25.102";
const kept = mammogram();
let world: DicomWebWorld;
let token: string;

beforeAll(async () => {
  world = await dicomWebWorld();
  ({ token } = await world.token("north", ["read"]));
  await world.keep("north", kept);
  await world.keep("north", mammogram({ sopInstanceUid: "2.25.103", view: "MLO" }));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const get = (path: string, accept?: string) =>
  world.call(path, { token, ...(accept === undefined ? {} : { headers: { accept } }) });

async function partsOf(response: Response): Promise<{ type: string; bytes: Uint8Array }[]> {
  expect(response.status).toBe(200);
  const boundary = /boundary=(\S+)/.exec(response.headers.get("content-type") ?? "")?.[1] ?? "";
  const parts: { type: string; chunks: Uint8Array[] }[] = [];
  const limits = { maxHeaderBytes: 2_000, maxParts: 100 };
  const reader = createMultipartReader(boundary, limits);
  for (const event of reader.read(new Uint8Array(await response.arrayBuffer()))) {
    if (event.kind === "part") parts.push({ type: event.headers.get("content-type") ?? "", chunks: [] });
    if (event.kind === "data") parts.at(-1)?.chunks.push(event.bytes);
  }
  reader.end();
  return parts.map(({ chunks, type }) => ({ type, bytes: Buffer.concat(chunks) }));
}

const bytesOf = ({ buffer, byteLength, byteOffset }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

const dicomParts = 'multipart/related; type="application/dicom"';

describe("WADO-RS", () => {
  test("gives studies, series and instances as they were kept", async () => {
    expect(await partsOf(await get("studies/2.25.100", dicomParts))).toHaveLength(2);
    expect(await partsOf(await get("studies/2.25.100/series/2.25.101"))).toHaveLength(2);
    const [part] = await partsOf(await get(instance, dicomParts));
    expect(part?.type).toBe("application/dicom");
    expect(Buffer.from(part?.bytes ?? []).equals(kept)).toBe(true);
    const single = await get(instance, "application/dicom");
    expect(single.headers.get("content-type")).toBe("application/dicom");
    expect(Buffer.from(await single.arrayBuffer()).equals(kept)).toBe(true);
  });

  test("gives metadata with the pixels by address", async () => {
    const response = await get(`${instance}/metadata`, "application/dicom+json");
    const [dataSet] = (await response.json()) as Record<string, unknown>[];
    expect(dataSet).toMatchObject({
      "00080018": { vr: "UI", Value: ["2.25.102"] },
      "00100010": { vr: "PN", Value: [{ Alphabetic: "XR-TEST" }] },
      "00181164": { vr: "DS", Value: [0.1, 0.1] },
      "00280010": { vr: "US", Value: [64] },
      "7FE00010": { vr: "OW", BulkDataURI: `${world.services.baseUrl}/${instance}/frames/1` },
    });
    expect(Object.keys(dataSet ?? {}).filter((tag) => tag.startsWith("0002"))).toEqual([]);
  });

  test("gives the frame as the pixels of the file", async () => {
    const stored = await decodePixelData(readInstance(kept, "kept"));
    const expected = Buffer.from(Uint16Array.from(stored).buffer);
    const [part] = await partsOf(
      await get(`${instance}/frames/1`, 'multipart/related; type="application/octet-stream"'),
    );
    expect(part?.type).toBe("application/octet-stream");
    expect(Buffer.from(part?.bytes ?? []).equals(expected)).toBe(true);
    const single = await get(`${instance}/frames/1`, "application/octet-stream;q=0.9, text/html");
    expect(Buffer.from(await single.arrayBuffer()).equals(expected)).toBe(true);
  });

  test("renders with the window that is asked for, into the viewport", async () => {
    const png = await get(`${instance}/rendered?viewport=20,32`, "image/png");
    expect(png.headers.get("content-type")).toBe("image/png");
    const small = await decodePng(new Uint8Array(await png.arrayBuffer()), "rendered");
    expect(small).toMatchObject({ widthPx: 20, heightPx: 32 });
    const stored = await decodePixelData(readInstance(kept, "kept"));
    const windowed = await get(`${instance}/rendered?window=1000,1,linear`, "image/png");
    const { values } = await decodePng(new Uint8Array(await windowed.arrayBuffer()), "rendered");
    expect([...values]).toEqual([...stored].map((value) => (value > 999 ? 1 : 0)));
    const region = await get(
      `${instance}/frames/1/rendered?viewport=10,10,5,5,10,10&quality=80`,
      "image/jpeg",
    );
    const header = readCodestreamHeader(new Uint8Array(await region.arrayBuffer()), "rendered");
    expect(header).toMatchObject({ widthPx: 10, heightPx: 10, bitsPerSample: 8 });
  });

  test("renders a study or a series as parts, an instance each", async () => {
    for (const path of ["studies/2.25.100", "studies/2.25.100/series/2.25.101"]) {
      const parts = await partsOf(
        await get(`${path}/rendered?viewport=20,32`, 'multipart/related; type="image/png"'),
      );
      expect(parts.map(({ type }) => type)).toEqual(["image/png", "image/png"]);
      for (const { bytes } of parts) {
        expect(await decodePng(bytes, "rendered")).toMatchObject({ widthPx: 20, heightPx: 32 });
      }
    }
    const unasked = await get("studies/2.25.100/rendered", "*/*");
    expect(unasked.headers.get("content-type")).toContain('multipart/related; type="image/jpeg"');
    expect(await unasked.text()).toContain("/instances/2.25.103/rendered");
    // What an image element of a page asks for.
    const image = await get(`${instance}/rendered`, "image/avif,image/webp,image/*,*/*;q=0.8");
    expect(image.headers.get("content-type")).toBe("image/jpeg");
  });

  test("gives the thumbnail of an instance, a series and a study", async () => {
    for (const path of [instance, "studies/2.25.100/series/2.25.101", "studies/2.25.100"]) {
      const response = await get(`${path}/thumbnail`, "image/png");
      expect(response.headers.get("content-type")).toBe("image/png");
      expect((await response.arrayBuffer()).byteLength).toBe(4);
    }
  });

  test("writes retrieval into the audit log", async () => {
    await get("studies/2.25.100", dicomParts).then((response) => response.arrayBuffer());
    const event = await world.db.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    expect(event).toMatchObject({ action: "dicomweb.retrieve", entityId: "2.25.100" });
  });

  test.each([
    [instance, "text/html", 406],
    [instance, `${dicomParts}; transfer-syntax=1.2.840.10008.1.2.4.90`, 406],
    ["studies/2.25.100", "application/dicom", 406],
    [`${instance}/rendered`, "application/dicom", 406],
    [`${instance}/frames/2`, "*/*", 404],
    [`${instance}/frames/0`, "*/*", 400],
    [`${instance}/frames/one`, "*/*", 400],
    ["studies/2.25.100/rendered", "image/png", 406],
    ["studies/2.25.100/rendered?viewport=10,10,0,0,10,10", "*/*", 400],
    ["studies/2.25.999/rendered", "*/*", 404],
    [`${instance}/rendered?window=1`, "image/png", 400],
    [`${instance}/rendered?viewport=99999,1`, "image/png", 400],
    [`${instance}/rendered?viewport=10,10,35,0,10,10`, "image/png", 400],
    [`${instance}/bulkdata/00091010`, "*/*", 404],
    ["studies/2.25.100/series/2.25.101/instances/2.25.999", "*/*", 404],
    ["studies/2.25.999/series/2.25.101/instances/2.25.102", "*/*", 404],
    ["studies/nonsense", "*/*", 404],
  ])("refuses %s as %s", async (path, accept, status) => {
    expect((await get(path, accept)).status).toBe(status);
  });

  describe.skipIf(data === undefined)("of a compressed file", () => {
    const path = join(data ?? "", "MG1_J2KI");
    const where = {
      studyInstanceUid: "1.3.6.1.4.1.5962.1.2.3.20040826185059.5457",
      seriesInstanceUid: "1.3.6.1.4.1.5962.1.3.3.1.20040826185059.5457",
      sopInstanceUid: "1.3.6.1.4.1.5962.1.1.3.1.3.20040826185059.5457",
    };
    const url = `studies/${where.studyInstanceUid}/series/${where.seriesInstanceUid}/instances/${where.sopInstanceUid}`;

    test("gives it decoded by default, and as it is stored where asked", async () => {
      const bytes = readFileSync(path);
      await world.keep("north", bytes);
      const [asStored] = await partsOf(await get(url, `${dicomParts}; transfer-syntax=*`));
      expect(Buffer.from(asStored?.bytes ?? []).equals(bytes)).toBe(true);
      const [decoded] = await partsOf(await get(url, dicomParts));
      const copy = readInstance(decoded?.bytes ?? new Uint8Array(), "copy");
      expect(copy.transferSyntaxUid).toBe("1.2.840.10008.1.2.1");
      const truth = await decodePixelData(readInstance(bytes, "original"));
      expect(bytesOf(await decodePixelData(copy)).equals(bytesOf(truth))).toBe(true);
      const frame = await get(`${url}/frames/1`, 'multipart/related; type="image/jp2"; transfer-syntax=*');
      const [codestream] = await partsOf(frame);
      expect(codestream?.type).toBe("image/jp2; transfer-syntax=1.2.840.10008.1.2.4.91");
      expect([...(codestream?.bytes.subarray(0, 4) ?? [])]).toEqual([0xff, 0x4f, 0xff, 0x51]);
    });
  });
});
