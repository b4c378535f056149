import "server-only";
import { DomainError } from "@crossread/contracts/errors";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { createS3ObjectStore } from "@crossread/storage/s3-object-store";
import { env } from "../env.ts";

const opened = ((globalThis as { crossreadBlobs?: { store?: ObjectStore } }).crossreadBlobs ??= {});

export function blobs(): ObjectStore {
  return (opened.store ??= openStore());
}

function openStore(): ObjectStore {
  const given = env();
  if (given.BLOB_DIRECTORY !== undefined) return createFileObjectStore(given.BLOB_DIRECTORY);
  const { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = given;
  if (
    S3_ENDPOINT === undefined ||
    S3_BUCKET === undefined ||
    S3_ACCESS_KEY_ID === undefined ||
    S3_SECRET_ACCESS_KEY === undefined
  ) {
    throw new DomainError(
      "environment-invalid",
      "The blob store needs BLOB_DIRECTORY, or S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.",
    );
  }
  return createS3ObjectStore({
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    region: given.S3_REGION ?? "us-east-1",
  });
}
