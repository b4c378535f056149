import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  imageIds,
  mammogramFile,
  reading,
  referencedImages,
  saliencyMap,
} from "../../fixtures/reading-objects.ts";
import { parseParametricMap, writeParametricMap } from "./parametric-map.ts";
import { parseReadingReport } from "./parse-reading-report.ts";
import { type MarkedImage, parsePresentationState, writePresentationState } from "./presentation-state.ts";
import { writeReadingReport } from "./reading-report.ts";

const python = "/usr/bin/python3";
const hasPydicom = spawnSync(python, ["-c", "import pydicom, numpy"]).status === 0;
const hasDcmtk = ["dsrdump", "dsr2html", "dcmpschk", "dcmp2pgm", "dcmconv"].every(
  (program) => spawnSync(program, ["--version"]).status === 0,
);
const hasDciodvfy = spawnSync("dciodvfy", ["-version"]).error === undefined;
const script = fileURLToPath(new URL("../../golden/structured/read-objects.py", import.meta.url));

const images = referencedImages();
const marked: MarkedImage = {
  readingId: reading.readingId,
  readerStudyId: reading.readerStudyId,
  readerPseudonym: reading.readerPseudonym,
  instanceId: imageIds.cc,
  condition: reading.condition,
  lockedAt: reading.lockedAt,
  marks: reading.answers.marks.filter(({ instanceId }) => instanceId === imageIds.cc),
};
let directory: string;
let paths: readonly [report: string, state: string, map: string, image: string];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-structured-"));
  const path = (name: string) => join(directory, `${name}.dcm`);
  paths = [path("report"), path("state"), path("map"), path("image")];
  await writeFile(paths[0], await writeReadingReport(reading, images));
  await writeFile(paths[1], await writePresentationState(marked, images[0]));
  await writeFile(paths[2], await writeParametricMap(saliencyMap, images[0]));
  await writeFile(paths[3], mammogramFile());
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

const run = (program: string, ...argv: readonly string[]) => spawnSync(program, argv, { encoding: "utf8" });
const file = async (path: string) => new Uint8Array(await readFile(path));

async function expectUnchanged(suffix: string): Promise<void> {
  const [report, state, map] = paths;
  expect(parseReadingReport(await file(report + suffix), "report")).toEqual(reading);
  expect(parsePresentationState(await file(state + suffix), "state")).toEqual(marked);
  expect(parseParametricMap(await file(map + suffix), "map")).toEqual(saliencyMap);
}

describe.skipIf(!hasPydicom)("pydicom", () => {
  test("finds marks, answers and map values, and what it writes again reads back identical", async () => {
    const { stderr, stdout } = run(python, script, ...paths.slice(0, 3));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      classes: [
        "Comprehensive SR Storage",
        "Grayscale Softcopy Presentation State Storage",
        "Parametric Map Storage",
      ],
      patients: ["XR-0123456789AB XR-0123456789AB 2.25.100"],
      title: "Imaging Measurement Report",
      template: "1500",
      content: [
        ["NUM", 63, ""],
        ["NUM", 0, ""],
        ["ELLIPSE", 4, "2.25.202"],
        ["POLYLINE", 4, "2.25.102"],
        ["POLYLINE", 65, "2.25.202"],
        ["POINT", 1, "2.25.102"],
      ],
      evidence: ["2.25.102", "2.25.202"],
      graphics: [
        ["POLYLINE", 4, 8],
        ["POINT", 1, 2],
      ],
      window: [2048, 4096],
      map: [...saliencyMap.values.values],
      spacing: [0.2, 0.2],
    });
    await expectUnchanged(".again");
  });
});

describe.skipIf(!hasDcmtk)("dcmtk", () => {
  // dcmtk 3.6.7 checks the characters of other repertoires only, and says so.
  const complaints = (stderr: string) =>
    stderr.replaceAll(/^W: The VR checker does not support .* ISO_IR 192\n/gm, "");

  test("reads the report without a complaint, every code and coordinate of it", () => {
    const dumped = run("dsrdump", "+Pl", "+Pc", paths[0]);
    expect([dumped.status, complaints(dumped.stderr)]).toEqual([0, ""]);
    expect(dumped.stdout).toContain('(111030,DCM,"Image Region")=(ELLIPSE,');
    expect(dumped.stdout).toContain('(397140005,SCT,"1 - Negative")');
    const html = run("dsr2html", "+U8", paths[0]);
    expect([html.status, complaints(html.stderr)]).toEqual([0, ""]);
    expect(html.stdout).toContain("Größe unklar");
  });

  test("accepts the presentation state and applies it to its image", async () => {
    const checked = run("dcmpschk", paths[1]);
    expect([checked.status, checked.stdout + checked.stderr]).toEqual([
      0,
      expect.stringContaining("Test passed."),
    ]);
    const target = join(directory, "presented.pgm");
    const presented = run("dcmp2pgm", "-p", paths[1], paths[3], target);
    expect([presented.status, presented.stderr]).toEqual([0, ""]);
    // The window of 4,096 values maps stored value 13 · i to 13 · i / 16.
    const pixels = (await file(target)).subarray(-40 * 64);
    const differences = pixels.map((value, index) => Math.abs(value - ((index * 13) % 4096) / 16.06));
    expect(Math.max(...differences)).toBeLessThan(2);
  });

  test("what it writes again in another transfer syntax reads back identical", async () => {
    for (const path of paths.slice(0, 3)) {
      const converted = run("dcmconv", "+ti", path, `${path}.converted`);
      expect([converted.status, converted.stderr]).toEqual([0, ""]);
    }
    await expectUnchanged(".converted");
  });
});

describe.skipIf(!hasDciodvfy)("dciodvfy", () => {
  const errors = (path: string) => {
    const { stderr, stdout } = run("dciodvfy", path);
    return (stdout + stderr).split("\n").filter((line) => line.startsWith("Error"));
  };

  test("finds report and presentation state in order", () => {
    expect(errors(paths[0])).toEqual([]);
    expect(errors(paths[1])).toEqual([]);
  });

  test("misses in the map only the place in the patient, which a projection does not have", () => {
    expect(new Set(errors(paths[2]).map((line) => /Element=<(\w+)>/.exec(line)?.[1]))).toEqual(
      new Set(["PlanePositionSequence", "PlaneOrientationSequence", "PlanePositionSlideSequence"]),
    );
  });
});
