import { DomainError } from "@crossread/contracts/errors";
import { readInstance } from "@crossread/dicom/read-instance";
import { toGrayImage } from "@crossread/dicom/presentation";
import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { Example } from "@crossread/model/example";
import { preprocess } from "@crossread/model/preprocess";
import type { ObjectStore } from "@crossread/storage/object-store";
import { createHash } from "node:crypto";
import { cacheInput, findCachedInput, inputKey, type CachedInput } from "./input-cache.ts";
import type { ImageReference } from "./task-contracts.ts";

export interface LoadedExample extends Example {
  readonly chain: TransformChain;
}

/** One image as the network sees it; decoded once a size, from the bytes that the reference names. */
export async function loadExample(
  store: ObjectStore,
  image: ImageReference,
  imageSize: number,
): Promise<LoadedExample> {
  const key = inputKey(image.sha256, imageSize);
  const cached = await findCachedInput(store, key);
  const { chain, pixels } = cached ?? (await decodeInput(store, image, imageSize));
  if (cached === undefined) await cacheInput(store, key, { chain, pixels });
  return { exampleId: image.imageId, subjectId: image.subjectId, label: image.label, pixels, chain };
}

async function decodeInput(
  store: ObjectStore,
  image: ImageReference,
  imageSize: number,
): Promise<CachedInput> {
  const bytes = await store.get(image.blobKey);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== image.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Image ${image.imageId} must have SHA-256 ${image.sha256}, but its blob has ${digest}.`,
    );
  }
  return preprocess(await toGrayImage(readInstance(bytes, image.imageId)), imageSize);
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
