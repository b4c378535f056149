import { createHash } from "node:crypto";
import { toFingerprintText } from "@crossread/datasets/fingerprint-text";
import { fingerprintImage } from "@crossread/datasets/image-fingerprint";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { isDomainError } from "@crossread/contracts/errors";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

/** Fingerprints of stored images; null where a blob is missing, changed or unreadable. */
export async function fingerprintImages(
  { images }: TaskInput<"fingerprint-images">,
  { emit, store }: TaskContext<"fingerprint-images">,
): Promise<TaskOutput<"fingerprint-images">> {
  for (const image of images) {
    await emit({ imageId: image.imageId, fingerprint: await fingerprintOf(store, image) });
  }
  return { count: images.length };
}

async function fingerprintOf(
  store: ObjectStore,
  image: { readonly imageId: string; readonly blobKey: string; readonly sha256: string },
): Promise<string | null> {
  try {
    const bytes = await store.get(image.blobKey);
    if (createHash("sha256").update(bytes).digest("hex") !== image.sha256) return null;
    return toFingerprintText(fingerprintImage(await toGrayImage(readInstance(bytes, image.imageId))));
  } catch (error) {
    if (isDomainError(error) && error.code !== "storage-unavailable") return null;
    throw error;
  }
}
