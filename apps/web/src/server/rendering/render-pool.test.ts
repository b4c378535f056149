import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodePng } from "@crossread/dicom/png";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRenderPool, type RenderPoolOptions } from "./render-pool.ts";

let directory: string;
const threadFile = new URL("../../../bin/render-thread.mjs", import.meta.url);
const defaults = { threadFile, threadCount: 1, waiting: 10, timeoutMs: 20_000 };
const open = (options: Partial<RenderPoolOptions> = {}) => {
  const pool = createRenderPool({ ...defaults, ...options });
  return { ...pool, [Symbol.asyncDispose]: pool.close };
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-render-"));
});
afterAll(() => rm(directory, { recursive: true }));

const mammogram = (widthPx: number, heightPx: number) =>
  writeMammogram(
    {
      subjectId: "XR-TEST",
      studyInstanceUid: "2.25.1",
      seriesInstanceUid: "2.25.2",
      sopInstanceUid: "2.25.3",
      studyDate: "20240315",
      laterality: "L",
      view: "CC",
      widthPx,
      heightPx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.1, 0.1],
      manufacturer: "Crossread",
      manufacturerModelName: "Phantom",
      softwareVersions: "1",
    },
    Uint16Array.from({ length: widthPx * heightPx }, (_, index) => index % 4096),
  );
const png = { format: "png" } as const;

/** A thread that answers, dies or is silent as the name of the job says. */
async function oddThread(): Promise<string> {
  const file = join(directory, "odd.mjs");
  await writeFile(
    file,
    `import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ id, name }) => {
      if (name === "die") process.exit(1);
      if (name === "throw") throw new Error("broken");
      if (name !== "silent") setTimeout(() => parentPort.postMessage({ kind: "rendered", id, image: new TextEncoder().encode(name) }), 30);
    });`,
  );
  return file;
}
const job = (name: string) => ({ name, bytes: new Uint8Array(), options: png });
const textOf = async (image: Promise<Uint8Array>) => new TextDecoder().decode(await image);

test("renders in a thread, and a refusal of the image arrives with its code", async () => {
  await using pool = open();
  const image = await pool.render({ bytes: mammogram(32, 48), name: "one", options: png });
  expect(await decodePng(image, "rendered")).toMatchObject({ widthPx: 32, heightPx: 48 });
  await expect(
    pool.render({ bytes: Uint8Array.of(1, 2, 3), name: "two", options: png }),
  ).rejects.toMatchObject({ name: "DomainError" });
});

test("a full-field mammogram does not hold up this thread", async () => {
  await using pool = open();
  await pool.render({ bytes: mammogram(8, 8), name: "warm", options: png });
  const bytes = mammogram(3_000, 4_600);
  let turns = 0;
  const watch = setInterval(() => (turns += 1), 5);
  await pool.render({ bytes, name: "large", options: { format: "jpeg" } });
  clearInterval(watch);
  // Rendered here it would be one gap as long as the rendering; a busy machine makes some, not all of it.
  expect(turns).toBeGreaterThan(5);
});

test("jobs wait for a thread in their order, and only so many of them", async () => {
  await using pool = open({ threadFile: await oddThread(), waiting: 2 });
  const answers = ["a", "b", "c"].map((name) => textOf(pool.render(job(name))));
  await expect(pool.render(job("d"))).rejects.toMatchObject({ code: "rate-limited" });
  expect(await Promise.all(answers)).toEqual(["a", "b", "c"]);
});

test("a thread that dies, throws or hangs takes its own job along and no other", async () => {
  await using pool = open({ threadFile: await oddThread(), timeoutMs: 6_000 });
  const outcomes = await Promise.allSettled(
    ["die", "a", "throw", "b", "silent", "c"].map((name) => textOf(pool.render(job(name)))),
  );
  expect(outcomes.map((each) => (each.status === "fulfilled" ? each.value : "lost"))).toEqual([
    "lost",
    "a",
    "lost",
    "b",
    "lost",
    "c",
  ]);
});

test("a job whose client has gone is not begun", async () => {
  await using pool = open({ threadFile: await oddThread() });
  const gone = new AbortController();
  const first = textOf(pool.render(job("a")));
  const second = pool.render({ ...job("silent"), signal: gone.signal });
  const third = textOf(pool.render(job("c")));
  gone.abort();
  await expect(second).rejects.toThrow("gone");
  expect(await Promise.all([first, third])).toEqual(["a", "c"]);
});
