import { describe, expect, test } from "vitest";
import { parseEnvironment } from "./env.ts";

const minimal = {
  DATABASE_URL: "postgresql://localhost/x",
  BLOB_DIRECTORY: "/tmp/blobs",
  CROSSREAD_MASTER_KEY: "0f".repeat(32),
};

describe("the environment", () => {
  test("takes empty optional variables as absent, as compose files write them", () => {
    const environment = parseEnvironment({ ...minimal, REDIS_URL: "", S3_ENDPOINT: "", CROSSREAD_DEMO: "" });
    expect(environment).toMatchObject({
      redisUrl: undefined,
      isDemonstration: false,
      content: "empty",
      store: { kind: "files", directory: "/tmp/blobs" },
      engine: { name: "onnx", threadCount: 1 },
    });
  });

  test("receives DICOM only where a port is named, and on this machine unless told otherwise", () => {
    expect(parseEnvironment({ ...minimal, CROSSREAD_DIMSE_PORT: "" }).dimse).toBeUndefined();
    expect(parseEnvironment({ ...minimal, CROSSREAD_DIMSE_PORT: "11112" }).dimse).toEqual({
      host: "127.0.0.1",
      port: 11_112,
    });
    expect(() => parseEnvironment({ ...minimal, CROSSREAD_DIMSE_PORT: "0" })).toThrow(/CROSSREAD_DIMSE_PORT/);
  });

  test("names the variable that is missing or wrong", () => {
    expect(() => parseEnvironment({ BLOB_DIRECTORY: "/tmp" })).toThrow(/DATABASE_URL/);
    expect(() => parseEnvironment({ ...minimal, BLOB_DIRECTORY: "" })).toThrow(
      /BLOB_DIRECTORY, or S3_ENDPOINT/,
    );
    expect(() => parseEnvironment({ ...minimal, CROSSREAD_MASTER_KEY: "short" })).toThrow(/32 bytes/);
    expect(() => parseEnvironment({ ...minimal, CROSSREAD_THREADS: "many" })).toThrow(/CROSSREAD_THREADS/);
    expect(() => parseEnvironment({ ...minimal, S3_ENDPOINT: "http://s3" })).toThrow(/S3_BUCKET/);
  });
});
