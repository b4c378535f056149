import { isDomainError } from "@crossread/contracts/errors";
import type { FileDeidentification, PixelDecision } from "@crossread/contracts/deidentification-receipt";
import type { DecidedFile } from "@crossread/contracts/held-file";
import type { PixelAnswer, PixelRule } from "@crossread/contracts/pixel-rule";
import { confidentialityTableVersion } from "@crossread/dicom/deidentify/confidentiality-table";
import { crossreadMammography } from "@crossread/dicom/deidentify/confidentiality-profile";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { checkMeans, type CheckedImage } from "@crossread/dicom/deidentify/check-pixels";
import type { DeidentifiedFile, PixelFinding } from "@crossread/dicom/deidentify/deidentified-file";
import { openSitePseudonyms } from "@crossread/dicom/deidentify/site-pseudonyms";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { readInstance } from "@crossread/dicom/read-instance";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { FileOutcome } from "./file-outcome.ts";
import { inspectFile } from "./inspect-file.ts";
import { remedyOf } from "./refusal-remedies.ts";
import { findRuleAnswer, keepForDecision, suspectedText, suspectedTextCode } from "./text-in-pixels.ts";

export interface StagedBytes {
  readonly bytes: Uint8Array;
  /** Digest of the bytes, hexadecimal. */
  readonly sha256: string;
  /** For messages; says nothing of the file's own name. */
  readonly name: string;
  readonly siteKey: Uint8Array;
  readonly key: string;
  /** Of a file that was held and about which a person has decided since. */
  readonly decided: DecidedFile | undefined;
  readonly pixelRules: readonly PixelRule[];
}

/** De-identifies a file whatever it says of itself, and takes in what comes out: nothing else is stored. */
export async function ingestFile(store: ObjectStore, staged: StagedBytes): Promise<FileOutcome> {
  const { bytes, decided, name, sha256 } = staged;
  const ofStaged = { sha256, sizeBytes: bytes.length };
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
    let taken = await takeIn(store, staged, decided && { answer: decided.answer, by: "hand" });
    const { finding, image } = taken;
    if (!taken.outcome.ok && taken.outcome.code === suspectedTextCode && image !== undefined) {
      const instance = readInstance(taken.file.bytes, name);
      const ruled = findRuleAnswer(staged.pixelRules, instance, finding);
      if (ruled === undefined) {
        const held = await keepForDecision(store, {
          stagedKey: staged.key,
          bytes: taken.file.bytes,
          instance,
          image: image.means,
          finding,
          deidentification: await describe(taken, staged),
        });
        return { ...taken.outcome, ...ofStaged, sopInstanceUid: taken.file.sopInstanceUid, held };
      }
      taken = await takeIn(store, staged, { ...ruled, by: "rule" });
    }
    const { file, outcome } = taken;
    if (!outcome.ok) return { ...outcome, ...ofStaged, sopInstanceUid: file.sopInstanceUid };
    return { ...outcome, deidentification: await describe(taken, staged) };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    // Kinds that are told before anything is decoded carry their own reason and remedy.
    const { reason = error.code, remedy } = error.details;
    return refuse(String(reason), error.message, remedy === undefined ? undefined : String(remedy));
  }
}

interface Answered extends Pick<PixelDecision, "by" | "ruleId"> {
  readonly answer: PixelAnswer;
}

interface TakenIn {
  readonly file: DeidentifiedFile;
  readonly outcome: FileOutcome;
  readonly finding: PixelFinding;
  readonly image: CheckedImage | undefined;
  readonly decision: PixelDecision | undefined;
}

/** Where nobody has decided about text in the pixels, the first sight of some ends it before anything is stored. */
async function takeIn(
  store: ObjectStore,
  { bytes, name, siteKey }: StagedBytes,
  answered: Answered | undefined,
): Promise<TakenIn> {
  const file = await deidentify(bytes, {
    profile: crossreadMammography,
    siteKey,
    fileName: name,
    masks: answered?.answer.kind === "mask" ? answered.answer.regions : [],
    arePixelsAllowed: answered?.answer.kind === "allow",
  });
  const decision = decisionOf(answered, file);
  let finding = file.pixels;
  let image: CheckedImage | undefined;
  const outcome = await inspectFile(store, file.bytes, name, (checked) => {
    image = checked;
    finding = checkMeans(checked);
    if (finding.status === "suspected-text" && decision === undefined) throw suspectedText(name, finding);
  });
  return { file, outcome, finding, image, decision };
}

function decisionOf(
  answered: Answered | undefined,
  { pixelDecision }: DeidentifiedFile,
): PixelDecision | undefined {
  if (answered === undefined) {
    return pixelDecision === undefined ? undefined : { kind: pixelDecision, by: "sender" };
  }
  const { answer, by, ruleId } = answered;
  const kind = answer.kind === "mask" ? "masked" : "allowed";
  return { kind, by, ...(ruleId === undefined ? {} : { ruleId }) };
}

/** Of a file that was held, what was done to it when it came in: by now it is clean but for its pixels. */
async function describe(
  { decision, file, finding }: TakenIn,
  { decided, sha256, siteKey }: StagedBytes,
): Promise<FileDeidentification> {
  const before = decided?.deidentification ?? {
    profile: crossreadMammography.name,
    tableVersion: confidentialityTableVersion,
    keyedDigestBefore: await (await openSitePseudonyms(siteKey)).keyedDigestOf(sha256),
    wasOurs: file.wasOurs,
    actions: file.actions.map(({ tag, keyword, action }) => ({ tag, keyword, action })),
  };
  return {
    ...before,
    pixels: finding.status,
    ...(decision === undefined ? {} : { pixelDecision: decision }),
  };
}
