import { describe, expect, it } from "vitest";
import { contentKey, getContent, putContent } from "./content.ts";
import type { ObjectStore } from "./object-store.ts";

/** What every ObjectStore must do; `createStore` gives an empty store for each test. */
export function describeObjectStore(name: string, createStore: () => Promise<ObjectStore>): void {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256);

  describe(`ObjectStore contract: ${name}`, () => {
    it("gives back what was put, empty blobs included", async () => {
      const store = await createStore();
      await store.put("models/a.safetensors", bytes);
      await store.put("empty", new Uint8Array());
      expect(Buffer.from(await store.get("models/a.safetensors")).equals(bytes)).toBe(true);
      expect((await store.get("empty")).length).toBe(0);
    });

    it("stores the bytes of a view, not those of its buffer", async () => {
      const store = await createStore();
      await store.put("view", bytes.subarray(10, 20));
      expect([...(await store.get("view"))]).toEqual([...bytes.subarray(10, 20)]);
    });

    it("stores what comes in pieces, and nothing where they are not as many bytes as was said", async () => {
      const store = await createStore();
      async function* pieces() {
        for (let offset = 0; offset < bytes.length; offset += 30_000) {
          yield bytes.subarray(offset, offset + 30_000);
        }
      }
      await store.putStream("models/pieces", pieces(), bytes.length);
      expect(Buffer.from(await store.get("models/pieces")).equals(bytes)).toBe(true);
      await expect(store.putStream("models/long", pieces(), bytes.length - 1)).rejects.toThrow(/bytes/);
      await expect(store.putStream("models/short", pieces(), bytes.length + 1)).rejects.toThrow(/bytes/);
      expect(await store.list("models/")).toEqual(["models/pieces"]);
    });

    it("replaces a blob", async () => {
      const store = await createStore();
      await store.put("a", Uint8Array.of(1, 2, 3));
      await store.put("a", Uint8Array.of(4));
      expect([...(await store.get("a"))]).toEqual([4]);
    });

    it("says blob-missing for a key that is not there", async () => {
      const store = await createStore();
      await expect(store.get("models/none")).rejects.toMatchObject({
        name: "DomainError",
        code: "blob-missing",
      });
    });

    it("knows which blobs it has; a folder of blobs is none", async () => {
      const store = await createStore();
      await store.put("folder/a", Uint8Array.of(1));
      expect(await Promise.all([store.has("folder/a"), store.has("folder"), store.has("none")])).toEqual([
        true,
        false,
        false,
      ]);
    });

    it("deletes, and deleting twice is no error", async () => {
      const store = await createStore();
      await store.put("a/b", Uint8Array.of(1));
      await store.delete("a/b");
      await store.delete("a/b");
      await store.delete("a");
      expect(await store.has("a/b")).toBe(false);
    });

    it("lists by prefix, sorted, over several pages", async () => {
      const store = await createStore();
      const keys = ["b/1", "a/2", "a/1", "a/10/x", "ab", "c.txt"];
      await Promise.all(keys.map((key) => store.put(key, Uint8Array.of(1))));
      expect(await store.list("")).toEqual(["a/1", "a/10/x", "a/2", "ab", "b/1", "c.txt"]);
      expect(await store.list("a")).toEqual(["a/1", "a/10/x", "a/2", "ab"]);
      expect(await store.list("a/")).toEqual(["a/1", "a/10/x", "a/2"]);
      expect(await store.list("a/1")).toEqual(["a/1", "a/10/x"]);
      expect(await store.list("none/")).toEqual([]);
    });

    it.each([
      "",
      "/a",
      "a/",
      "a//b",
      "../a",
      "a/../b",
      "a/./b",
      ".hidden",
      "a/.b",
      "a\\b",
      "a b",
      "ä",
      "a\0",
      "a\n",
    ])("refuses the key %j", async (key) => {
      const store = await createStore();
      await expect(store.put(key, bytes)).rejects.toMatchObject({ code: "usage" });
      await expect(store.get(key)).rejects.toMatchObject({ code: "usage" });
      await expect(store.has(key)).rejects.toMatchObject({ code: "usage" });
      await expect(store.delete(key)).rejects.toMatchObject({ code: "usage" });
    });

    it.each(["/", "../", "a/../", "a//"])("refuses the prefix %j", async (prefix) => {
      const store = await createStore();
      await expect(store.list(prefix)).rejects.toMatchObject({ code: "usage" });
    });

    it("shows concurrent writers' blobs whole", async () => {
      const store = await createStore();
      const versions = Array.from({ length: 8 }, (_, index) => new Uint8Array(20_000).fill(index));
      await Promise.all(versions.map((version) => store.put("contended", version)));
      const stored = await store.get("contended");
      expect(stored.length).toBe(20_000);
      expect(new Set(stored).size).toBe(1);
    });

    it("addresses content by its SHA-256 and stores equal content once", async () => {
      const store = await createStore();
      const abc = new TextEncoder().encode("abc");
      const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, B.1
      const expected = { key: contentKey("blobs", sha256), sha256, sizeBytes: 3 };
      expect(await putContent(store, "blobs", abc)).toEqual(expected);
      expect(await putContent(store, "blobs", abc)).toEqual(expected);
      expect(await store.list("blobs/")).toEqual([`blobs/ba/${sha256}`]);
      expect([...(await getContent(store, expected))]).toEqual([...abc]);
    });

    it("notices content that was changed", async () => {
      const store = await createStore();
      const stored = await putContent(store, "blobs", Uint8Array.of(1, 2, 3));
      await store.put(stored.key, Uint8Array.of(1, 2, 4));
      await expect(getContent(store, stored)).rejects.toMatchObject({ code: "blob-digest-mismatch" });
    });
  });
}
