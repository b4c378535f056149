import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDomainError } from "@crossread/contracts/errors";
import { describe, expect, test } from "vitest";
import { testData } from "../../../../tests/testdata.ts";
import { basicProfile, crossreadMammography } from "./confidentiality-profile.ts";
import { deidentify } from "./deidentify.ts";
import { parseDicomFile } from "./parse-data-set.ts";
import { findIdentifiers } from "./testing/find-identifiers.ts";
import { identifiers, plantIdentifiers } from "./testing/plant-identifiers.ts";

const siteKey = new Uint8Array(32).fill(3);
const directory = testData("transfer-syntaxes");

async function dicomFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !/LICENSE|\.dat$|metadata|\.md$|\.txt$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Large films only where no smaller file has the same transfer syntax: the search reads every byte several times. */
const largeFileBytes = 150_000;

/** Every transfer syntax of still images that the files come in, PS3.6 A. */
const syntaxes = [
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.2",
  "1.2.840.10008.1.2.4.50",
  "1.2.840.10008.1.2.4.51",
  "1.2.840.10008.1.2.4.53",
  "1.2.840.10008.1.2.4.55",
  "1.2.840.10008.1.2.4.57",
  "1.2.840.10008.1.2.4.70",
  "1.2.840.10008.1.2.4.80",
  "1.2.840.10008.1.2.4.81",
  "1.2.840.10008.1.2.4.90",
  "1.2.840.10008.1.2.4.91",
  "1.2.840.10008.1.2.5",
];

interface PlantedFile {
  readonly name: string;
  readonly transferSyntaxUid: string;
  readonly bytes: Uint8Array;
}

/** Small files first; of kinds that are not de-identified at all there is nothing to plant in. */
async function plantedFiles(folder: string): Promise<PlantedFile[]> {
  const files = await Promise.all(
    (await dicomFiles(folder)).map(async (path) => ({ path, bytes: await readFile(path) })),
  );
  files.sort((first, second) => first.bytes.length - second.bytes.length);
  const seen = new Set<string>();
  const planted: PlantedFile[] = [];
  for (const { path, bytes } of files) {
    try {
      const { transferSyntaxUid } = parseDicomFile(new Uint8Array(bytes), path);
      if (seen.has(transferSyntaxUid) && bytes.length > largeFileBytes) continue;
      const withIdentifiers = plantIdentifiers(new Uint8Array(bytes), path);
      if (withIdentifiers === undefined) continue;
      seen.add(transferSyntaxUid);
      planted.push({ name: basename(path), transferSyntaxUid, bytes: withIdentifiers });
    } catch (error) {
      // Files that are broken on purpose, as some of pydicom's are.
      if (!isDomainError(error)) throw error;
    }
  }
  return planted;
}

describe.skipIf(directory === undefined)("identifiers planted in every kind of place", () => {
  test("are gone from files of every transfer syntax, under either profile, and a second pass changes nothing", async () => {
    const files = await plantedFiles(directory ?? "");
    expect([...new Set(files.map(({ transferSyntaxUid }) => transferSyntaxUid))].sort()).toEqual(syntaxes);
    expect(files.length).toBeGreaterThan(40);
    const survivors: Record<string, string[]> = {};
    for (const { bytes, name } of files) {
      expect(findIdentifiers(bytes, identifiers), name).toEqual([...identifiers]);
      for (const profile of [crossreadMammography, basicProfile]) {
        const options = { profile, siteKey, fileName: "file" };
        const output = await deidentify(bytes, options);
        const found = findIdentifiers(output.bytes, identifiers);
        if (found.length > 0) survivors[`${name} ${profile.name}`] = found;
        const again = await deidentify(output.bytes, options);
        expect(Buffer.from(again.bytes).equals(output.bytes), name).toBe(true);
      }
    }
    expect(survivors).toEqual({});
  });

  test("are gone from the list of what was done", async () => {
    const [file] = await plantedFiles(directory ?? "");
    const options = { profile: crossreadMammography, siteKey, fileName: "Mustermann-Oberhausen.dcm" };
    const { actions, fileName } = await deidentify(file?.bytes ?? new Uint8Array(0), options);
    const told = JSON.stringify({ actions, fileName });
    expect(identifiers.filter((identifier) => told.includes(identifier))).toEqual([]);
    expect(actions.length).toBeGreaterThan(400);
  });
});
