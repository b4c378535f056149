import { DomainError } from "@crossread/contracts/errors";
import { readInstance } from "@crossread/dicom/read-instance";
import { toGrayImage } from "@crossread/dicom/presentation";
import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { Example } from "@crossread/model/example";
import { preprocess } from "@crossread/model/preprocess";
import type { ObjectStore } from "@crossread/storage/object-store";
import { createHash } from "node:crypto";
import type { ImageReference } from "./task-contracts.ts";

export interface LoadedExample extends Example {
  readonly chain: TransformChain;
}

/** Reads, decodes and resizes one image; the bytes must be those that the reference names. */
export async function loadExample(
  store: ObjectStore,
  image: ImageReference,
  imageSize: number,
): Promise<LoadedExample> {
  const bytes = await store.get(image.blobKey);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== image.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Image ${image.imageId} must have SHA-256 ${image.sha256}, but its blob has ${digest}.`,
    );
  }
  const gray = await toGrayImage(readInstance(bytes, image.imageId));
  const { chain, pixels } = preprocess(gray, imageSize);
  return { exampleId: image.imageId, subjectId: image.subjectId, label: image.label, pixels, chain };
}

export async function loadExamples(
  store: ObjectStore,
  images: readonly ImageReference[],
  imageSize: number,
): Promise<LoadedExample[]> {
  const examples: LoadedExample[] = [];
  for (const image of images) examples.push(await loadExample(store, image, imageSize));
  return examples;
}
