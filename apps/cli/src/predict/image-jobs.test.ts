import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { distinctNames, imageJobs } from "./image-jobs.ts";

const directory = mkdtempSync(join(tmpdir(), "crossread-jobs-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("names of overlays differ even where the images' names do not", () => {
  expect(distinctNames(["a/left.pgm", "b/left.dcm", "c/right", "d/left-2.pgm"])).toEqual([
    "left",
    "left-2",
    "right",
    "left-2-2",
  ]);
});

test("a directory stands for all files below it, in order", async () => {
  mkdirSync(join(directory, "in/deep"), { recursive: true });
  for (const name of ["b.pgm", "a.pgm", "deep/c.pgm"]) writeFileSync(join(directory, "in", name), "");
  const out = join(directory, "out/");
  expect(await imageJobs([join(directory, "in")], { heatmap: out })).toEqual(
    ["a.pgm", "b.pgm", "deep/c.pgm"].map((name, index) => ({
      file: join(directory, "in", name),
      targets: { heatmap: join(out, `${["a", "b", "c"][index]}.png`) },
    })),
  );
});

test("several files need a directory to write to", async () => {
  await expect(imageJobs(["a", "b"], { map: "out.png" })).rejects.toMatchObject({ code: "usage" });
  expect(await imageJobs(["a"], { map: "out.png" })).toEqual([{ file: "a", targets: { map: "out.png" } }]);
});
