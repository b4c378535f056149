/** What happens to one file, in a worker: it is read, recognised, de-identified, and only then sent. */
import { isDomainError } from "@crossread/contracts/errors";
import { uploadLimits } from "@crossread/contracts/upload";
import { parseDeidentificationProfile } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { previewDeidentification } from "@crossread/dicom/deidentify/preview-deidentification";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import { headerSizesBytes, readFileHeader, type FileHeader } from "@crossread/dicom/file-header";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { readInstance } from "@crossread/dicom/read-instance";
import { locateWasm } from "../viewer/codec-files.ts";
import type { FileQuestions, Look, Preview, Sent } from "./file-worker-protocol.ts";
import { pictureOf } from "./picture.ts";
import { sendFile, type SendOptions } from "./send-file.ts";
import { toHex, type SourceFile } from "./source-file.ts";
import { readZipEntry } from "./zip-archive.ts";

/** For messages on this screen; the file's own name is shown beside them. */
const fileName = "this file";

/** DICOM or not, and whose, from the beginning of the file. */
export async function look({ source }: FileQuestions["look"]): Promise<Look> {
  if (source.sizeBytes === 0) return { kind: "other", reason: "It is empty." };
  let header: FileHeader | undefined;
  for (const sizeBytes of headerSizesBytes) {
    const beginning = await readBeginning(source, sizeBytes);
    if (!looksLikeDicom(beginning)) return { kind: "other", reason: "It is no DICOM file." };
    header = readFileHeader(beginning);
    if (header !== undefined || beginning.length < sizeBytes) break;
  }
  if (header?.isMediaDirectory === true) {
    return { kind: "other", reason: "It is a DICOMDIR, a table of contents without images." };
  }
  return { kind: "dicom", header };
}

export async function preview({ deidentifying, source }: FileQuestions["preview"]): Promise<Preview> {
  const bytes = await readWhole(source);
  const { groups, pixels, pseudonym, wasOurs } = await previewDeidentification(bytes, {
    profile: parseDeidentificationProfile(deidentifying.profile),
    siteKey: deidentifying.siteKey,
    fileName,
    pixels: "check",
    codecs: { locateWasm },
  });
  return { groups, pixels, pseudonym, wasOurs, picture: await pictureOf(bytes) };
}

export async function send(question: FileQuestions["send"], options: SendOptions): Promise<Sent> {
  const { deidentifying, siteId, source, text, uploadId } = question;
  const original = await readWhole(source);
  options.signal.throwIfAborted();
  const deidentified = await refusing(async () => {
    // What will be refused on arrival need not travel.
    const refusal = refusalOf(readInstance(original, fileName));
    if (refusal !== undefined) return refused(refusal.reason, `${refusal.sentence} ${refusal.remedy}`);
    return deidentify(original, {
      profile: parseDeidentificationProfile(deidentifying.profile),
      siteKey: deidentifying.siteKey,
      fileName,
      pixels: text.kind === "ask" ? "check" : "leave",
      masks: text.kind === "mask" ? text.regions : [],
      arePixelsAllowed: text.kind === "allow",
      codecs: { locateWasm },
    });
  });
  if ("kind" in deidentified) return deidentified;
  const { bytes, pixels } = deidentified;
  if (pixels.status === "suspected-text") {
    return { kind: "text-in-pixels", pixels, picture: await pictureOf(bytes) };
  }
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const { state } = await sendFile({ siteId, uploadId, sha256, bytes }, options);
  return { kind: "sent", sha256, state };
}

/** A fault of the file is an answer; any other fault is thrown. */
async function refusing<TValue extends object>(
  read: () => Promise<TValue>,
): Promise<TValue | Extract<Sent, { kind: "refused" }>> {
  try {
    return await read();
  } catch (error) {
    if (isDomainError(error)) return refused(error.code, error.message);
    throw error;
  }
}

/** Sentences that begin with the file's name begin with "this file" here. */
const refused = (code: string, sentence: string) => ({
  kind: "refused" as const,
  code,
  reason: sentence.charAt(0).toUpperCase() + sentence.slice(1),
});

async function readBeginning({ content }: SourceFile, sizeBytes: number): Promise<Uint8Array> {
  if (content.kind === "zip-entry") {
    return (await readZipEntry(content.archive, content.entryIndex)).subarray(0, sizeBytes);
  }
  return new Uint8Array(await content.file.slice(0, sizeBytes).arrayBuffer());
}

async function readWhole(source: SourceFile): Promise<Uint8Array<ArrayBuffer>> {
  if (source.sizeBytes > uploadLimits.fileBytes) {
    throw new Error(`A file has at most ${uploadLimits.fileBytes / 2 ** 20} MiB.`);
  }
  const { content } = source;
  if (content.kind === "zip-entry") return readZipEntry(content.archive, content.entryIndex);
  return new Uint8Array(await content.file.arrayBuffer());
}
