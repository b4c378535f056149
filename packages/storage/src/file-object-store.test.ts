import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFileObjectStore } from "./file-object-store.ts";
import { describeObjectStore } from "./object-store.contract.ts";

const directories: string[] = [];

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-storage-"));
  directories.push(directory);
  return directory;
}

afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

describeObjectStore("files", async () => createFileObjectStore(join(await newDirectory(), "not-yet-there")));

describe("createFileObjectStore", () => {
  it("leaves no temporary file behind, also after a write that failed", async () => {
    const root = await newDirectory();
    const store = createFileObjectStore(root);
    await store.put("a/b", Uint8Array.of(1));
    await expect(store.put("a", Uint8Array.of(1))).rejects.toMatchObject({ code: "conflict" });
    expect(await readdir(join(root, ".incoming"))).toEqual([]);
    expect([...(await store.get("a/b"))]).toEqual([1]);
  });

  it("lists neither hidden files nor links that lead elsewhere", async () => {
    const root = await newDirectory();
    const outside = await newDirectory();
    await writeFile(join(outside, "secret"), "x");
    await symlink(outside, join(root, "link"));
    await writeFile(join(root, ".hidden"), "x");
    expect(await createFileObjectStore(root).list("")).toEqual([]);
  });

  it("says storage-unavailable where the root cannot be written", async () => {
    const root = await newDirectory();
    await writeFile(join(root, "file"), "x");
    const store = createFileObjectStore(join(root, "file"));
    await expect(store.put("a", Uint8Array.of(1))).rejects.toMatchObject({ name: "DomainError" });
  });

  it("leaves no empty folder behind when blobs are deleted, and keeps those that hold others", async () => {
    const root = await newDirectory();
    const store = createFileObjectStore(`${root}/`);
    await store.put("uploads/site/one/a", Uint8Array.of(1));
    await store.put("uploads/site/two/b", Uint8Array.of(1));
    await store.delete("uploads/site/one/a");
    expect(await readdir(join(root, "uploads/site"))).toEqual(["two"]);
    await store.delete("uploads/site/two/b");
    expect(await readdir(root)).toEqual([".incoming"]);
    await store.put("uploads/site/three/c", Uint8Array.of(1));
    expect(await store.list("")).toEqual(["uploads/site/three/c"]);
  });

  it("loses no blob to somebody who empties its folder at the same time", async () => {
    const root = await newDirectory();
    // Two stores, as two processes on one directory.
    const [writer, deleter] = [createFileObjectStore(root), createFileObjectStore(root)];
    const kept: string[] = [];
    for (let round = 0; round < 40; round++) {
      await deleter.put("uploads/s/u/old", Uint8Array.of(0));
      const keys = [`uploads/s/u/${round}-a`, `uploads/s/u/${round}-b`];
      await Promise.all([
        deleter.delete("uploads/s/u/old"),
        ...keys.map((key) => writer.put(key, Uint8Array.of(round))),
      ]);
      await Promise.all([
        deleter.delete(keys[0] ?? ""),
        writer.put(`uploads/s/u/${round}-c`, Uint8Array.of(1)),
      ]);
      await Promise.all([deleter.delete(keys[1] ?? ""), deleter.delete(`uploads/s/u/${round}-c`)]);
      await writer.put(`kept/${round}`, Uint8Array.of(1));
      kept.push(`kept/${round}`);
    }
    expect((await writer.list("kept/")).length).toBe(kept.length);
    expect(await writer.list("uploads/")).toEqual([]);
    expect(await readdir(root)).toEqual([".incoming", "kept"]);
  });
});
