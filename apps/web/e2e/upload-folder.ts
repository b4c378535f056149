import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { plantedPhantoms } from "../../../tests/planted-phantoms.ts";

/** What lies in the folder, by what must become of it. Names of files name a patient, as they do. */
export interface UploadFolder {
  readonly directory: string;
  /** Strings that must not leave the browser. */
  readonly secrets: readonly string[];
  /** Those of them that lie in the files. */
  readonly identifiers: readonly string[];
  readonly accepted: readonly string[];
  readonly duplicates: readonly string[];
  /** Two images under one SOP Instance UID: the server takes one and refuses the other. */
  readonly conflicting: readonly [string, string];
  readonly notSent: readonly string[];
  readonly leftOut: readonly string[];
}

const surname = "Mustermann-Oberhausen";

/** Other images for every seed, so that the test can be run again against the same platform. */
export async function writeUploadFolder(seed: number): Promise<UploadFolder> {
  const directory = join(await mkdtemp(join(tmpdir(), "crossread-drop-")), `Export ${surname}`);
  const { files, identifiers } = plantedPhantoms(seed);
  const planted = files.slice(0, 12);
  const [broken, cutShort, twin, original] = files.slice(12);
  if (broken === undefined || cutShort === undefined || twin === undefined || original === undefined) {
    throw new Error("Too few phantoms");
  }
  const otherPixels = original.slice();
  otherPixels.fill(1, otherPixels.length - 2_000);

  const write = async (name: string, bytes: Uint8Array | string) => {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return name;
  };
  const inArchive = planted.slice(10);
  const accepted: string[] = [];
  for (const [index, bytes] of planted.slice(0, 10).entries()) {
    accepted.push(await write(`Erika/${surname} ${index}.dcm`, bytes));
  }
  const duplicates = [
    await write(`copies/${surname} copy 1.dcm`, planted[0] ?? ""),
    await write(`copies/${surname} copy 2.dcm`, planted[7] ?? ""),
  ];
  const archive = new ZipWriter(new BlobWriter("application/zip"), { useWebWorkers: false });
  for (const [index, bytes] of inArchive.entries()) {
    await archive.add(`${surname}/in archive ${index}.dcm`, new Uint8ArrayReader(bytes));
  }
  await archive.add("../../outside.dcm", new Uint8ArrayReader(twin));
  await archive.add("inner.zip", new TextReader("PK"));
  await write("more.zip", new Uint8Array(await (await archive.close()).arrayBuffer()));
  await write("changed/original.dcm", original);
  await write("changed/other pixels.dcm", otherPixels);
  await write("broken/cut short.dcm", cutShort.slice(0, -5_000));
  await write("broken/only a header.dcm", broken.slice(0, 1_200));
  await write("notes.txt", `Call ${surname} back.`);
  await write("Thumbs.db", new Uint8Array(2_048).fill(7));
  await write("empty.dcm", "");
  const zipped = inArchive.map((_bytes, index) => `more.zip/${surname}/in archive ${index}.dcm`);
  return {
    directory,
    secrets: [...identifiers, "in archive", "only a header", "Thumbs.db", "other pixels"],
    identifiers,
    accepted: [...accepted, ...zipped],
    duplicates,
    conflicting: ["changed/original.dcm", "changed/other pixels.dcm"],
    notSent: ["broken/cut short.dcm", "broken/only a header.dcm"],
    leftOut: ["notes.txt", "Thumbs.db", "empty.dcm", "more.zip/../../outside.dcm", "more.zip/inner.zip"],
  };
}
