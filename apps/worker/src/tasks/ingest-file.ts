import { isDomainError } from "@crossread/contracts/errors";
import { confidentialityTableVersion } from "@crossread/dicom/deidentify/confidentiality-table";
import { crossreadMammography } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { checkPlane } from "@crossread/dicom/deidentify/check-pixels";
import type { DeidentifiedFile, PixelFinding } from "@crossread/dicom/deidentify/deidentified-file";
import { openSitePseudonyms } from "@crossread/dicom/deidentify/site-pseudonyms";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { readInstance } from "@crossread/dicom/read-instance";
import { sha256Of } from "@crossread/storage/content";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { FileOutcome } from "./file-outcome.ts";
import { inspectFile } from "./inspect-file.ts";
import { remedyOf } from "./refusal-remedies.ts";

export interface StagedBytes {
  readonly bytes: Uint8Array;
  /** For messages; says nothing of the file's own name. */
  readonly name: string;
  readonly siteKey: Uint8Array;
}

/** De-identifies a file whatever it says of itself, and takes in what comes out: nothing else is stored. */
export async function ingestFile(store: ObjectStore, staged: StagedBytes): Promise<FileOutcome> {
  const { bytes, name, siteKey } = staged;
  const ofStaged = { sha256: sha256Of(bytes), sizeBytes: bytes.length };
  const refuse = (code: string, message: string, remedy: string = remedyOf(code)): FileOutcome => ({
    ok: false,
    ...ofStaged,
    code,
    message,
    remedy,
  });
  if (bytes.length === 0 || !looksLikeDicom(bytes)) return inspectFile(store, bytes, name);
  try {
    // Before anything is taken out: what kind of object it is can be told by what will go.
    const refusal = refusalOf(readInstance(bytes, name));
    if (refusal !== undefined) return refuse(refusal.reason, refusal.sentence, refusal.remedy);
    const deidentified = await deidentify(bytes, { profile: crossreadMammography, siteKey, fileName: name });
    let pixels: PixelFinding = deidentified.pixels;
    const outcome = await inspectFile(store, deidentified.bytes, name, (presented) => {
      pixels = checkPlane(presented);
    });
    if (!outcome.ok) return { ...outcome, ...ofStaged, sopInstanceUid: deidentified.sopInstanceUid };
    return { ...outcome, deidentification: await describe({ ...deidentified, pixels }, staged) };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    // Kinds that are told before anything is decoded carry their own reason and remedy.
    const { reason = error.code, remedy } = error.details;
    return refuse(String(reason), error.message, remedy === undefined ? undefined : String(remedy));
  }
}

async function describe(file: DeidentifiedFile, { bytes, siteKey }: StagedBytes) {
  return {
    profile: crossreadMammography.name,
    tableVersion: confidentialityTableVersion,
    keyedDigestBefore: await (await openSitePseudonyms(siteKey)).keyedDigest(bytes),
    wasOurs: file.wasOurs,
    pixels: file.pixels.status,
    actions: file.actions.map(({ tag, keyword, action }) => ({ tag, keyword, action })),
  };
}
