import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { ObjectStore } from "./object-store.ts";
import { describeObjectStore } from "./object-store.contract.ts";
import { createS3ObjectStore } from "./s3-object-store.ts";
import { startS3TestServer } from "./s3-test-server.ts";

const server = await startS3TestServer();
afterAll(() => server[Symbol.asyncDispose]());

const local = {
  endpoint: server.endpoint,
  region: "us-east-1",
  accessKeyId: "test",
  secretAccessKey: "test",
};

describeObjectStore("S3 against a server in this process", async () =>
  createS3ObjectStore({ ...local, bucket: `b-${randomUUID()}` }),
);

describe("createS3ObjectStore", () => {
  it("says storage-unavailable, not blob-missing, for a bucket that is not there", async () => {
    const store = createS3ObjectStore({ ...local, bucket: "missing" });
    await expect(store.get("a")).rejects.toMatchObject({ code: "storage-unavailable" });
  });

  it("says storage-unavailable where nothing listens", async () => {
    const store = createS3ObjectStore({ ...local, endpoint: "http://127.0.0.1:9", bucket: "b" });
    await expect(store.put("a", Uint8Array.of(1))).rejects.toMatchObject({ code: "storage-unavailable" });
  });
});

const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = process.env;

describe.skipIf(endpoint === undefined || bucket === undefined)(
  "S3 against S3_ENDPOINT and S3_BUCKET",
  () => {
    describeObjectStore("S3 service", async () => {
      const store = createS3ObjectStore({
        endpoint: endpoint ?? "",
        region: process.env["S3_REGION"] ?? "us-east-1",
        bucket: bucket ?? "",
        accessKeyId: process.env["S3_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: process.env["S3_SECRET_ACCESS_KEY"] ?? "",
      });
      return within(store, `contract-${randomUUID()}/`);
    });
  },
);

/** A store of its own inside a shared bucket. */
function within(store: ObjectStore, folder: string): ObjectStore {
  // An invalid key must stay invalid, so it is not prefixed into a valid one.
  const own = (key: string) =>
    key === "" || key.startsWith("/") || key.startsWith(".") ? key : `${folder}${key}`;
  return {
    put: (key, bytes) => store.put(own(key), bytes),
    putStream: (key, pieces, sizeBytes) => store.putStream(own(key), pieces, sizeBytes),
    get: (key) => store.get(own(key)),
    has: (key) => store.has(own(key)),
    delete: (key) => store.delete(own(key)),
    list: async (prefix) => {
      const keys = await store.list(prefix === "" ? folder : own(prefix));
      return keys.map((key) => key.slice(folder.length));
    },
  };
}
