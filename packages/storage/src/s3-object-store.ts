import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { assertKey, assertPrefix, blobMissing, ofSize, type ObjectStore } from "./object-store.ts";

export interface S3ObjectStoreOptions {
  /** Address of the service, for example `http://127.0.0.1:9000`; buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  /** Must exist. */
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function createS3ObjectStore(options: S3ObjectStoreOptions): ObjectStore {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = options;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    // Stores other than AWS's often lack the newer trailing checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const object = (key: string) => {
    assertKey(key);
    return { Bucket: bucket, Key: key };
  };

  return {
    async put(key, bytes) {
      const input = { ...object(key), Body: bytes, ContentLength: bytes.length };
      await translating(key, () => client.send(new PutObjectCommand(input)));
    },
    async putStream(key, pieces, sizeBytes) {
      const target = object(key);
      // A pipe does not pass on its source's failure: without the abort the request would wait for ever.
      const failure = new AbortController();
      const body = Readable.from(ofSize(key, pieces, sizeBytes), { objectMode: false });
      body.on("error", (error) => failure.abort(error));
      const command = new PutObjectCommand({ ...target, Body: body, ContentLength: sizeBytes });
      await translating(key, async () => {
        try {
          await client.send(command, { abortSignal: failure.signal });
        } catch (error) {
          throw failure.signal.aborted ? failure.signal.reason : error;
        }
      });
    },
    async get(key) {
      const input = object(key);
      return translating(key, async () => {
        const { Body: body } = await client.send(new GetObjectCommand(input));
        if (body === undefined) throw new TypeError("answer without a body");
        return body.transformToByteArray();
      });
    },
    async has(key) {
      const input = object(key);
      return translating(key, async () => {
        try {
          await client.send(new HeadObjectCommand(input));
          return true;
        } catch (error) {
          if (isAbsent(error)) return false;
          throw error;
        }
      });
    },
    async delete(key) {
      const input = object(key);
      await translating(key, () => client.send(new DeleteObjectCommand(input)));
    },
    async list(prefix) {
      assertPrefix(prefix);
      const keys = await translating(prefix, () => listAll(client, bucket, prefix));
      return keys.toSorted();
    },
  };
}

async function listAll(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    keys.push(...(page.Contents ?? []).map(({ Key: key }) => key).filter((key) => key !== undefined));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

async function translating<TResult>(key: string, run: () => Promise<TResult>): Promise<TResult> {
  try {
    return await run();
  } catch (error) {
    if (isDomainError(error)) throw error;
    if (isAbsent(error)) throw blobMissing(key, error);
    throw new DomainError("storage-unavailable", `Blob ${key} cannot be reached in the S3 store.`, {
      cause: error,
    });
  }
}

/** A missing bucket is a matter of configuration, not a missing blob. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound");
}
