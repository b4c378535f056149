import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { createBufferPool } from "./buffer-pool.ts";
import { storeLimits } from "./dicomweb-services.ts";
import { receiveInstances, type ReceivedInstance } from "./receive-instances.ts";

const limits = { ...storeLimits, maxInstanceBytes: 12_000_000 };
const newPool = () => createBufferPool({ keptBytes: 64_000_000, idleMs: 60_000 });

/** Bytes that differ from file to file and from place to place. */
const file = (sizeBytes: number, seed: number): Buffer =>
  Buffer.from(
    Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8) * 7 + seed) % 256),
  );

function requestOf(files: readonly Uint8Array[], contentType?: string): Request {
  const body = Buffer.concat(
    contentType === undefined
      ? [
          ...files.flatMap((bytes) => [Buffer.from("--b\r\n\r\n"), bytes, Buffer.from("\r\n")]),
          Buffer.from("--b--"),
        ]
      : files,
  );
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < body.length; start += 65_521) yield body.subarray(start, start + 65_521);
  }
  return new Request("http://platform.test/studies", {
    method: "POST",
    headers: { "content-type": contentType ?? 'multipart/related; type="application/dicom"; boundary=b' },
    body: Readable.toWeb(Readable.from(chunks())),
    duplex: "half",
  } as RequestInit);
}

async function allOf(instances: AsyncIterable<ReceivedInstance>): Promise<ReceivedInstance[]> {
  const all: ReceivedInstance[] = [];
  for await (const instance of instances) all.push(instance);
  return all;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("receiveInstances", () => {
  const files = [file(9_000_000, 1), file(0, 2), file(11_000_000, 3), file(70_000, 4)];

  test("gives every instance with its digest, also where a buffer is used again", async () => {
    const received: string[] = [];
    for await (const { bytes, release, sha256: digest } of receiveInstances(requestOf(files), {
      limits,
      buffers: newPool(),
    })) {
      expect(sha256(bytes)).toBe(digest);
      received.push(digest);
      release();
    }
    expect(received).toEqual(files.map(sha256));
  });

  test("leaves an instance alone that is not released", async () => {
    const held = await allOf(receiveInstances(requestOf(files), { limits, buffers: newPool() }));
    expect(held.map(({ bytes }) => sha256(bytes))).toEqual(files.map(sha256));
  });

  test("takes a body that is one instance", async () => {
    const request = requestOf([file(5_000_000, 5)], "application/dicom");
    const [only, ...others] = await allOf(receiveInstances(request, { limits, buffers: newPool() }));
    expect(only?.sha256).toBe(sha256(file(5_000_000, 5)));
    expect(others).toEqual([]);
  });

  test("refuses an instance above the limit and gives its buffer back", async () => {
    const buffers = newPool();
    const given: number[] = [];
    const counting = {
      take: (size: number) => buffers.take(size),
      giveBack: (buffer: Buffer) => given.push(buffer.length),
    };
    const instances = receiveInstances(requestOf([file(12_000_001, 6)]), { limits, buffers: counting });
    await expect(instances.next()).rejects.toMatchObject({ status: 413 });
    expect(Math.max(...given)).toBe(12_000_000);
  });
});
