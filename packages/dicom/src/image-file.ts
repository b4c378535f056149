/** One image file of any accepted kind; what it is shows in its content, never in its name. Node only (PNG). */
import { DomainError } from "@crossread/contracts/errors";
import { looksLikeDicom } from "./dicom-data-set.ts";
import { type AllocateValues, type GrayImage, allocateValues } from "./gray-image.ts";
import type { MammogramInstance } from "./mammogram-instance.ts";
import { assertMammogram } from "./mammography-rules.ts";
import { decodePgm, isPgm } from "./pgm.ts";
import { decodePng, isPng } from "./png.ts";
import { toGrayImage } from "./presentation.ts";
import { readInstance } from "./read-instance.ts";

export type ImageFile =
  | { readonly kind: "dicom"; readonly gray: GrayImage; readonly instance: MammogramInstance }
  | { readonly kind: "pgm" | "png"; readonly gray: GrayImage };

export async function readImageFile(
  bytes: Uint8Array,
  fileName: string,
  allocate: AllocateValues = allocateValues,
): Promise<ImageFile> {
  if (bytes.length === 0) throw new DomainError("image-truncated", `${fileName} is empty.`);
  if (isPgm(bytes)) return { kind: "pgm", gray: decodePgm(bytes, fileName, allocate) };
  if (isPng(bytes)) return { kind: "png", gray: await decodePng(bytes, fileName, allocate) };
  if (looksLikeDicom(bytes)) {
    const instance = readInstance(bytes, fileName);
    assertMammogram(instance);
    return { kind: "dicom", gray: await toGrayImage(instance, { allocate }), instance };
  }
  throw new DomainError(
    "image-unreadable",
    `An image is DICOM, PGM or PNG, but ${fileName} is none of these.`,
  );
}
