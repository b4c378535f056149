/** Files and folders in; study folders of de-identified files with a signed receipt each out. */
import { createHash, hkdfSync } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError, type ErrorCode, isDomainError } from "@crossread/contracts/errors";
import { type DeidentifiedInstance, extendReceipt } from "@crossread/contracts/extend-receipt";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import type { DeidentificationProfile } from "@crossread/dicom/deidentify/confidentiality-profile";
import { confidentialityTableVersion } from "@crossread/dicom/deidentify/confidentiality-table";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import type { DeidentifiedFile } from "@crossread/dicom/deidentify/deidentified-file";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import { openSitePseudonyms } from "@crossread/dicom/deidentify/site-pseudonyms";
import { codeVersion } from "./code-version.ts";

export interface FolderOptions {
  readonly profile: DeidentificationProfile;
  readonly siteKey: Uint8Array;
  readonly directory: string;
  readonly onProgress: (done: number, total: number) => void;
}

export interface FolderOutcome {
  /** Paths are relative to the directory; what the files were called before is told nowhere. */
  readonly files: readonly { path: string; pseudonym: string; wasOurs: boolean }[];
  readonly studies: readonly {
    studyInstanceUid: string;
    pseudonym: string;
    receipt: string;
    fileCount: number;
  }[];
  readonly duplicateCount: number;
  readonly refused: readonly { file: string; code: ErrorCode; reason: string }[];
  /** Checks the receipts. */
  readonly publicKey: string;
}

export async function deidentifyFolder(
  inputs: readonly string[],
  options: FolderOptions,
): Promise<FolderOutcome> {
  const { directory } = options;
  const paths = await listFiles(inputs);
  await assertEmpty(directory);
  const files: { path: string; pseudonym: string; wasOurs: boolean }[] = [];
  const refused: { file: string; code: ErrorCode; reason: string }[] = [];
  const digests = new Map<string, string>();
  const instances = new Map<string, { pseudonym: string; instances: DeidentifiedInstance[] }>();
  let duplicateCount = 0;
  for (const [index, path] of paths.entries()) {
    try {
      const { file, instance } = await deidentifyOne(path, options);
      const known = digests.get(instance.sopInstanceUid);
      if (known === undefined) {
        digests.set(instance.sopInstanceUid, instance.sha256);
        const place = join(file.studyInstanceUid, file.fileName);
        await mkdir(join(directory, file.studyInstanceUid), { recursive: true });
        await writeFile(join(directory, place), file.bytes, { flag: "wx" });
        files.push({ path: place, pseudonym: file.pseudonym, wasOurs: file.wasOurs });
        const study = instances.get(file.studyInstanceUid) ?? { pseudonym: file.pseudonym, instances: [] };
        study.instances.push(instance);
        instances.set(file.studyInstanceUid, study);
      } else if (known === instance.sha256) {
        duplicateCount++;
      } else {
        throw new DomainError(
          "conflict",
          `An instance has one content, but ${path} has another than a file before it.`,
        );
      }
    } catch (error) {
      if (!isDomainError(error)) throw error;
      refused.push({ file: path, code: error.code, reason: error.message });
    }
    options.onProgress(index + 1, paths.length);
  }
  const seed = new Uint8Array(hkdfSync("sha256", options.siteKey, "", "crossread receipt signing", 32));
  const signer = createReceiptSigner(seed);
  const studies = [];
  for (const [studyInstanceUid, study] of instances) {
    const { pseudonym } = study;
    const head = { siteCode: "", studyInstanceUid, pseudonym, software: codeVersion(), now: new Date() };
    const receipt = extendReceipt(undefined, head, study.instances);
    if (receipt === undefined) continue;
    const place = join(studyInstanceUid, "receipt.json");
    await writeFile(join(directory, place), `${JSON.stringify(signer.sign(receipt), undefined, 2)}\n`, {
      flag: "wx",
    });
    studies.push({ studyInstanceUid, pseudonym, receipt: place, fileCount: study.instances.length });
  }
  return { files, studies, duplicateCount, refused, publicKey: signer.publicKey };
}

async function deidentifyOne(
  path: string,
  { profile, siteKey }: FolderOptions,
): Promise<{ file: DeidentifiedFile; instance: DeidentifiedInstance }> {
  const bytes = new Uint8Array(await readFile(path));
  if (!looksLikeDicom(bytes))
    throw new DomainError("image-unreadable", `Only DICOM files are de-identified, but ${path} is none.`);
  const file = await deidentify(bytes, { profile, siteKey, fileName: path, pixels: "check" });
  const site = await openSitePseudonyms(siteKey);
  return {
    file,
    instance: {
      sopInstanceUid: file.sopInstanceUid,
      sha256: createHash("sha256").update(file.bytes).digest("hex"),
      sizeBytes: file.bytes.length,
      deidentification: {
        profile: profile.name,
        tableVersion: confidentialityTableVersion,
        keyedDigestBefore: await site.keyedDigest(bytes),
        wasOurs: file.wasOurs,
        pixels: file.pixels.status,
        actions: file.actions.map(({ tag, keyword, action }) => ({ tag, keyword, action })),
      },
    },
  };
}

/** Files as named and everything below folders, in one order everywhere; DICOMDIR is an index that names everybody. */
async function listFiles(inputs: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const input of inputs) {
    const found = await stat(input).catch((error: unknown) => {
      throw new DomainError("file-missing", `There is no file or directory ${input}.`, { cause: error });
    });
    if (!found.isDirectory()) {
      paths.push(input);
      continue;
    }
    const entries = await readdir(input, { withFileTypes: true, recursive: true });
    const below = entries.filter((entry) => entry.isFile() && entry.name !== "DICOMDIR");
    paths.push(...below.map((entry) => join(entry.parentPath, entry.name)).sort());
  }
  if (paths.length === 0) throw new DomainError("file-missing", `There is no file in ${inputs.join(", ")}.`);
  return paths;
}

async function assertEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new DomainError(
      "conflict",
      `Nothing is overwritten: --out must be new or empty, but ${directory} is not.`,
    );
  }
}
