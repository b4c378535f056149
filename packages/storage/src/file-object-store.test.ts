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
});
