/** What becomes of an image whose pixels may hold text and about which nobody has decided. */
import { DomainError } from "@crossread/contracts/errors";
import type { FileDeidentification } from "@crossread/contracts/deidentification-receipt";
import type { HeldFile } from "@crossread/contracts/held-file";
import {
  answerOfRule,
  isSameSource,
  type PixelAnswer,
  type PixelRule,
} from "@crossread/contracts/pixel-rule";
import { heldKey, heldPreviewKey } from "@crossread/contracts/upload";
import type { PixelFinding } from "@crossread/dicom/deidentify/deidentified-file";
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { MammogramInstance } from "@crossread/dicom/mammogram-instance";
import { sha256Of } from "@crossread/storage/content";
import type { ObjectStore } from "@crossread/storage/object-store";
import sharp from "sharp";
import { remedyOf } from "./refusal-remedies.ts";

export const suspectedTextCode = "suspected-text";

export function suspectedText(name: string, { regions }: PixelFinding): DomainError {
  const places = regions.length === 1 ? "one place" : `${regions.length} places`;
  return new DomainError(
    "burned-in-text",
    `An image whose pixels may hold text waits until a person has looked at it, and ${name} may hold text in ${places}.`,
    { details: { reason: suspectedTextCode, remedy: remedyOf(suspectedTextCode) } },
  );
}

/** "" where the file does not say. */
const sourceOf = ({ manufacturer, manufacturerModelName, pixel }: MammogramInstance) => ({
  manufacturer: manufacturer ?? "",
  model: manufacturerModelName ?? "",
  rows: pixel.rows,
  columns: pixel.columns,
});

/** The first rule of the site that has an answer to all that was found. */
export function findRuleAnswer(
  rules: readonly PixelRule[],
  instance: MammogramInstance,
  { regions }: PixelFinding,
): { readonly answer: PixelAnswer; readonly ruleId: string } | undefined {
  const source = sourceOf(instance);
  for (const rule of rules) {
    const answer = isSameSource(rule, source) ? answerOfRule(rule, regions) : undefined;
    if (answer !== undefined) return { answer, ruleId: rule.ruleId };
  }
  return undefined;
}

const maxRegions = 200;

export interface FileToHold {
  readonly stagedKey: string;
  /** De-identified in everything but its pixels. */
  readonly bytes: Uint8Array;
  readonly instance: MammogramInstance;
  readonly image: GrayImage;
  readonly finding: PixelFinding;
  readonly deidentification: FileDeidentification;
}

/** Keeps what a decision needs: the file, and a picture of it for whoever decides. */
export async function keepForDecision(store: ObjectStore, file: FileToHold): Promise<HeldFile> {
  const { bytes, deidentification, finding, image, instance, stagedKey } = file;
  const blobKey = heldKey(stagedKey);
  const previewKey = heldPreviewKey(stagedKey);
  const samples = Uint8Array.from(image.values, (value) => Math.round(value * 255));
  const raw = { width: image.widthPx, height: image.heightPx, channels: 1 } as const;
  await store.put(previewKey, await sharp(samples, { raw }).toColourspace("b-w").png().toBuffer());
  await store.put(blobKey, bytes);
  return {
    blobKey,
    blobSha256: sha256Of(bytes),
    previewKey,
    ...sourceOf(instance),
    regions: finding.regions.slice(0, maxRegions).map((region) => ({ ...region })),
    deidentification,
  };
}
