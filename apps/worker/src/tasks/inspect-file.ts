import { createHash } from "node:crypto";
import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { TechnicalLabel } from "@crossread/contracts/technical-label";
import { toFingerprintText } from "@crossread/datasets/fingerprint-text";
import { fingerprintImage } from "@crossread/datasets/image-fingerprint";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import { createBoxMeans } from "@crossread/dicom/box-means";
import { findBreastRegion, statedChestWallSide, type BreastRegion } from "@crossread/dicom/breast-region";
import { checkFactor, type CheckedImage } from "@crossread/dicom/deidentify/check-pixels";
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { MammogramInstance } from "@crossread/dicom/mammogram-instance";
import { labelsOf } from "@crossread/dicom/mammography-labels";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { patientSpacing } from "@crossread/dicom/pixel-spacing";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { presentRows } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { shrinkByArea } from "@crossread/datasets/shrink-by-area";
import { modelPresets } from "@crossread/model/config";
import { createRowPreprocessor } from "@crossread/model/preprocess";
import type { ObjectStore } from "@crossread/storage/object-store";
import sharp from "sharp";
import type { AcceptedFile, FileOutcome } from "./file-outcome.ts";
import { cacheInput, inputKey } from "./input-cache.ts";
import { remedyOf } from "./refusal-remedies.ts";

const thumbnailLongestSidePx = 400;
/** What the paper's network looks at; other sizes are made when a run asks for them. */
const networkSidePx = modelPresets["efficientnet-b0-cbam"].imageSize;
const uidNames = ["sopInstanceUid", "seriesInstanceUid", "studyInstanceUid"] as const;

/**
 * Looks at one file as it came in: refuses it with a reason, or stores its bytes and thumbnail and says what it is.
 *
 * @param name - for messages; only pseudonymous names come here
 * @param look - sees the presented image made smaller, before it is stored
 */
export async function inspectFile(
  store: ObjectStore,
  bytes: Uint8Array,
  name: string,
  look: (image: CheckedImage) => void = () => undefined,
): Promise<FileOutcome> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const refuse = (code: string, message: string, remedy: string = remedyOf(code)): FileOutcome => ({
    ok: false,
    sha256,
    sizeBytes: bytes.length,
    code,
    message,
    remedy,
  });
  if (bytes.length === 0) return refuse("image-truncated", `${name} is empty.`);
  if (!looksLikeDicom(bytes)) {
    return refuse("not-dicom", `Only DICOM files are accepted, but ${name} is none.`);
  }
  try {
    const instance = readInstance(bytes, name);
    const refusal = refusalOf(instance);
    if (refusal !== undefined) return refuse(refusal.reason, refusal.sentence, refusal.remedy);
    const badUid = uidNames.find((uid) => !/^[0-9.]{1,64}$/.test(instance[uid]));
    if (badUid !== undefined) {
      return refuse("uid-missing", `A file needs a valid ${badUid}, but ${name} has none.`);
    }
    const pseudonym = instance.patientId?.trim() ?? "";
    if (!instance.isIdentityRemoved) {
      return refuse(
        "identity-present",
        `Only files whose identity was removed are accepted, but ${name} does not say so.`,
      );
    }
    if (pseudonym === "" || pseudonym.length > 64) {
      return refuse(
        "pseudonym-missing",
        `A file needs a pseudonym of 1 to 64 characters as Patient ID, but ${name} has none.`,
      );
    }
    const { input, means } = await presentSmaller(instance, look);
    const small = thumbnailOf(means);
    const breast = findBreastRegion(small);
    if (breast === undefined) {
      return refuse("image-blank", `A mammogram shows a breast, but ${name} has one value everywhere.`);
    }
    const blobKey = `instances/${sha256}.dcm`;
    const [thumbnailKey] = await Promise.all([
      storeThumbnail(store, small),
      store.put(blobKey, bytes),
      cacheInput(store, inputKey(sha256, networkSidePx), input),
    ]);
    return {
      ok: true,
      file: {
        ...describeInstance(instance, pseudonym),
        labels: [...labelsOf(instance), ...sideLabels(instance, breast)],
        blobKey,
        sha256,
        sizeBytes: bytes.length,
        thumbnailKey,
        perceptualHash: toFingerprintText(fingerprintImage(means)),
      },
    };
  } catch (error) {
    if (!isDomainError(error) || errorCodes[error.code].retryable) throw error;
    // Kinds that are told before anything is decoded carry their own reason and remedy.
    const { reason = error.code, remedy } = error.details;
    return refuse(String(reason), error.message, remedy === undefined ? undefined : String(remedy));
  }
}

/**
 * Decodes once and walks once over the pixels: everything that is made of an image at ingest is smaller than it, and the
 * network's input comes from the same presented rows as in training.
 */
async function presentSmaller(instance: MammogramInstance, look: (image: CheckedImage) => void) {
  const stored = await decodePixelData(instance);
  const frame = { widthPx: instance.pixel.columns, heightPx: instance.pixel.rows };
  const factor = checkFactor(frame);
  const boxMeans = createBoxMeans(frame, factor);
  const preprocessor = createRowPreprocessor(frame, networkSidePx);
  presentRows(instance, stored, (row, y) => {
    boxMeans.addRow(row, y);
    preprocessor.addRow(row, y);
  });
  const means = boxMeans.finish();
  look({ means, factor, frame });
  return { means, input: preprocessor.finish() };
}

/** What the header says of the chest wall's side against what the pixels show (measured right on 99 % of films). */
function sideLabels(instance: MammogramInstance, breast: BreastRegion): TechnicalLabel[] {
  const stated = statedChestWallSide(instance.patientOrientation);
  return stated === undefined || stated === breast.chestWallSide ? [] : ["side-doubtful"];
}

type Description = Omit<
  AcceptedFile,
  "labels" | "blobKey" | "sha256" | "sizeBytes" | "thumbnailKey" | "perceptualHash"
>;

function describeInstance(instance: MammogramInstance, pseudonym: string): Description {
  const { laterality, view } = instance;
  if (laterality === undefined || view === undefined) {
    throw new Error("The mammography rules let an instance without laterality or view pass");
  }
  const spacing = patientSpacing(instance)?.spacingMm[0];
  return {
    pseudonym,
    studyInstanceUid: instance.studyInstanceUid,
    seriesInstanceUid: instance.seriesInstanceUid,
    sopInstanceUid: instance.sopInstanceUid,
    laterality,
    view,
    rows: instance.pixel.rows,
    columns: instance.pixel.columns,
    bitsStored: instance.pixel.bitsStored,
    photometricInterpretation: instance.pixel.photometricInterpretation,
    ...isoDate(instance.studyDate),
    ...(instance.hasBreastImplant === undefined ? {} : { hasBreastImplant: instance.hasBreastImplant }),
    ...(instance.patientAgeYears === undefined ? {} : { patientAgeYears: instance.patientAgeYears }),
    ...(spacing === undefined ? {} : { imagerPixelSpacingMm: spacing }),
    sopClassUid: instance.sopClassUid,
    ...(instance.manufacturer === undefined ? {} : { manufacturer: instance.manufacturer }),
    ...(instance.manufacturerModelName === undefined
      ? {}
      : { manufacturerModelName: instance.manufacturerModelName }),
  };
}

/** DA, YYYYMMDD (PS3.5 6.2); a date that is none is left out. */
function isoDate(value: string | undefined): { studyDate?: string } {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? "");
  if (match === null) return {};
  const text = `${match[1]}-${match[2]}-${match[3]}`;
  return Number.isNaN(Date.parse(`${text}T00:00:00Z`)) ? {} : { studyDate: text };
}

function thumbnailOf(image: GrayImage): GrayImage {
  const scale = Math.min(1, thumbnailLongestSidePx / Math.max(image.widthPx, image.heightPx));
  const sideOf = (lengthPx: number) => Math.max(1, Math.round(lengthPx * scale));
  return shrinkByArea(image, sideOf(image.widthPx), sideOf(image.heightPx));
}

async function storeThumbnail(store: ObjectStore, thumbnail: GrayImage): Promise<string> {
  const { heightPx: height, values, widthPx: width } = thumbnail;
  const samples = new Uint8Array(values.length);
  for (let index = 0; index < samples.length; index++) samples[index] = values[index]! * 255 + 0.5;
  const png = await sharp(samples, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png({ compressionLevel: 3 })
    .toBuffer();
  const key = `thumbnails/${createHash("sha256").update(png).digest("hex")}.png`;
  await store.put(key, png);
  return key;
}
