import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { z } from "zod";

export const storeSettingsSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("files"), directory: z.string().min(1) }),
  z.strictObject({
    kind: z.literal("s3"),
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
]);
export type StoreSettings = z.infer<typeof storeSettingsSchema>;

export async function openBlobStore(settings: StoreSettings): Promise<ObjectStore> {
  switch (settings.kind) {
    case "files":
      return createFileObjectStore(settings.directory);
    case "s3": {
      // Large, and every short-lived process would load it.
      const { createS3ObjectStore } = await import("@crossread/storage/s3-object-store");
      return createS3ObjectStore(settings);
    }
  }
}
