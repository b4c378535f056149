import { readFile } from "node:fs/promises";
import { isDomainError } from "@crossread/contracts/errors";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import type { DeidentificationProfile } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { readInstance } from "@crossread/dicom/read-instance";
import { journalEntry, type SentJournal } from "./sent-journal.ts";
import { storeBatch, type SentFile, type StowTarget } from "./stow-client.ts";

export interface SendOptions {
  readonly target: StowTarget;
  /** Undefined where the files go as they are, for the platform to de-identify. */
  readonly deidentification:
    { readonly siteKey: Uint8Array; readonly profile: DeidentificationProfile } | undefined;
  readonly journal: SentJournal;
  /** Requests under way at a time. */
  readonly parallel: number;
  readonly batchBytes: number;
  readonly onProgress: (progress: SendProgress) => void;
}

interface SendProgress {
  readonly done: number;
  readonly total: number;
  readonly sent: number;
  readonly sentBytes: number;
}

interface RefusedSending {
  readonly file: string;
  readonly code: string;
  readonly reason: string;
}

interface HeldSending {
  readonly file: string;
  readonly reason: string;
}

export interface SendResult {
  readonly sent: number;
  readonly known: number;
  readonly sentBytes: number;
  readonly refused: readonly RefusedSending[];
  /** Sent, but taken in only after a coordinator of the site has looked at them, or by a pixel rule of the site. */
  readonly held: readonly HeldSending[];
}

interface Ready extends SentFile {
  readonly file: string;
  readonly entry: string;
  /** Places that may show text. */
  readonly textCount: number;
}

/** Reads, de-identifies and sends in batches; what was acknowledged before is passed over. */
export async function sendFiles(files: readonly string[], options: SendOptions): Promise<SendResult> {
  const refused: RefusedSending[] = [];
  const held: HeldSending[] = [];
  let [next, sent, known, sentBytes] = [0, 0, 0, 0];
  const report = () =>
    options.onProgress({ done: sent + known + refused.length, total: files.length, sent, sentBytes });

  async function sendBatch(batch: readonly Ready[]): Promise<void> {
    if (batch.length === 0) return;
    const refusals = await storeBatch(batch, options.target);
    const reasons = new Map(refusals.map((one) => [one.sopInstanceUid, one.failureReason]));
    const accepted = batch.filter(({ sopInstanceUid }) => !reasons.has(sopInstanceUid));
    for (const { file, sopInstanceUid } of batch) {
      const failureReason = reasons.get(sopInstanceUid);
      if (failureReason !== undefined) refused.push({ file, ...explain(failureReason) });
    }
    held.push(
      ...accepted.flatMap(({ file, textCount }) =>
        textCount === 0 ? [] : [{ file, reason: explainText(textCount) }],
      ),
    );
    await options.journal.add(accepted.map(({ entry }) => entry));
    sent += accepted.length;
    sentBytes += accepted.reduce((total, { bytes }) => total + bytes.length, 0);
    report();
  }

  async function lane(): Promise<void> {
    let batch: Ready[] = [];
    let size = 0;
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const outcome = await prepare(file, options);
      if (outcome === "known") known += 1;
      else if ("code" in outcome) refused.push(outcome);
      else {
        batch.push(outcome);
        size += outcome.bytes.length;
      }
      if (size >= options.batchBytes || batch.length >= filesPerBatch) {
        await sendBatch(batch);
        [batch, size] = [[], 0];
      }
    }
    await sendBatch(batch);
  }

  await Promise.all(Array.from({ length: options.parallel }, () => lane()));
  report();
  return { sent, known, sentBytes, refused, held };
}

const filesPerBatch = 200;

async function prepare(file: string, options: SendOptions): Promise<Ready | RefusedSending | "known"> {
  const bytes = new Uint8Array(await readFile(file));
  if (!looksLikeDicom(bytes)) return { file, code: "not-dicom", reason: "It is no DICOM file." };
  const { deidentification, journal } = options;
  const how = deidentification === undefined ? "as it is" : deidentification.profile.name;
  const entry = journalEntry(bytes, deidentification?.siteKey ?? Buffer.from(options.target.token), how);
  if (journal.has(entry)) return "known";
  try {
    if (deidentification === undefined) {
      const { sopInstanceUid } = readInstance(bytes, file);
      return { file, entry, bytes, sopInstanceUid, textCount: 0 };
    }
    const cleaned = await deidentify(bytes, { ...deidentification, fileName: file, pixels: "check" });
    const { pixelDecision, pixels, sopInstanceUid } = cleaned;
    const isAsked = pixels.status === "suspected-text" && pixelDecision === undefined;
    const textCount = isAsked ? Math.max(1, pixels.regions.length) : 0;
    return { file, entry, bytes: cleaned.bytes, sopInstanceUid, textCount };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { file, code: error.code, reason: error.message };
  }
}

const explainText = (count: number) =>
  `It may show text in ${count === 1 ? "one place" : `${count} places`}: the platform holds it until a coordinator has looked at it, or takes it in by a pixel rule of the site.`;

/** PS3.18 table 10.5.3-1. */
function explain(failureReason: number): { code: string; reason: string } {
  if (failureReason === 0x0122) {
    return {
      code: "image-kind-refused",
      reason: "The platform takes no objects of this kind; see its refused files.",
    };
  }
  if (failureReason >= 0xc000) {
    return { code: "image-unreadable", reason: "The platform cannot read it; see its refused files." };
  }
  return { code: "conflict", reason: `The platform refused it with reason ${failureReason.toString(16)}H.` };
}
