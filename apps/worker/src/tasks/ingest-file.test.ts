import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asciiElement, type DataElement, firstAscii } from "@crossread/dicom/deidentify/data-element";
import { parseDicomFile } from "@crossread/dicom/deidentify/parse-data-set";
import { openSitePseudonyms } from "@crossread/dicom/deidentify/site-pseudonyms";
import { writeDicomFile } from "@crossread/dicom/deidentify/write-data-set";
import { sha256Of } from "@crossread/storage/content";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { textPhantom } from "../../../../tests/text-phantom.ts";
import { ingestFile } from "./ingest-file.ts";
import { inspectFile } from "./inspect-file.ts";

const siteKey = new Uint8Array(32).fill(9);
const phantom = textPhantom({ seed: 1 });
let directory: string;
let store: ObjectStore;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-ingest-file-"));
  store = createFileObjectStore(directory);
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const ingest = (bytes: Uint8Array) =>
  ingestFile(store, {
    bytes,
    sha256: sha256Of(bytes),
    name: "file 1",
    siteKey,
    key: "uploads/a/b/c",
    decided: undefined,
    pixelRules: [],
  });

function withElement(bytes: Uint8Array, added: DataElement): Uint8Array {
  const { elements, transferSyntaxUid } = parseDicomFile(bytes, "file");
  return writeDicomFile({
    transferSyntaxUid,
    sopClassUid: firstAscii(elements, "00080016") ?? "",
    sopInstanceUid: firstAscii(elements, "00080018") ?? "",
    elements: [...elements.filter(({ tag }) => tag !== added.tag), added].sort((first, second) =>
      first.tag < second.tag ? -1 : 1,
    ),
  });
}

test("what a file is, is told before anything is taken out of it, by the rule that it breaks", async () => {
  const tomosynthesis = asciiElement("00080016", "UI", "1.2.840.10008.5.1.4.1.1.13.1.3");
  const ultrasound = asciiElement("00080016", "UI", "1.2.840.10008.5.1.4.1.1.6.1");
  const specimen = asciiElement("00400512", "LO", "BOX 7");
  for (const [code, added] of [
    ["tomosynthesis", tomosynthesis],
    ["not-mammography", ultrasound],
    ["specimen", specimen],
  ] as const) {
    const bytes = withElement(phantom, added);
    expect(await ingest(bytes)).toMatchObject({ ok: false, code, sha256: sha256Of(bytes) });
  }
  expect(await store.list("instances/")).toEqual([]);
});

test("a receipt names the file that came by a digest that the site alone can look up", async () => {
  const outcome = await ingest(phantom);
  const site = await openSitePseudonyms(siteKey);
  expect(outcome).toMatchObject({
    ok: true,
    deidentification: { keyedDigestBefore: await site.keyedDigest(phantom), wasOurs: false, pixels: "clean" },
  });
  expect(JSON.stringify(outcome)).not.toContain(sha256Of(phantom));
});

test("nothing is stored that does not say that its identity was removed", async () => {
  const named = withElement(phantom, asciiElement("00120062", "CS", "NO"));
  const before = await store.list("instances/");
  expect(await inspectFile(store, named, "file 1")).toMatchObject({ ok: false, code: "identity-present" });
  expect(await store.list("instances/")).toEqual(before);
});
