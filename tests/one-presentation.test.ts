/** Viewer, thumbnail and network are given the same picture: shown on wedges whose values are known. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DicomAttributes, element, writePart10File } from "@crossread/dicom/part10-file";
import { decodePng } from "@crossread/dicom/png";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { readInstance } from "@crossread/dicom/read-instance";
import { mammogramAttributes, type MammogramHeader } from "@crossread/dicom/write-mammogram";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toDisplayImage } from "../apps/web/src/features/viewer/display-image.ts";
import { presentationCopy } from "../apps/web/src/features/viewer/presentation-copy.ts";
import { inspectFile } from "../apps/worker/src/tasks/inspect-file.ts";
import { loadExample } from "../apps/worker/src/tasks/load-examples.ts";

const side = 64;
/** 64 steps of 8 × 8 pixels over the 12-bit range; the last step is padding where a case declares it. */
const stored = Uint16Array.from({ length: side * side }, (_, index) => {
  const step = Math.floor(index / side / 8) * 8 + Math.floor((index % side) / 8);
  return step * 65;
});

const header: MammogramHeader = {
  subjectId: "WEDGE-1",
  studyInstanceUid: "2.25.41",
  seriesInstanceUid: "2.25.42",
  sopInstanceUid: "2.25.43",
  studyDate: "20240101",
  laterality: "L",
  view: "CC",
  widthPx: side,
  heightPx: side,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 2048, width: 3000 }],
  imagerPixelSpacingMm: [0.1, 0.1],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};

interface Wedge {
  readonly name: string;
  readonly header: Partial<MammogramHeader>;
  readonly changes?: DicomAttributes;
  /** Presentation value of a stored one, by the standard's formula. */
  readonly expected: (value: number) => number;
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);
const lut = Uint16Array.from({ length: 4096 }, (_, index) => Math.round(1023 * (index / 4095) ** 2));

const wedges: readonly Wedge[] = [
  {
    name: "LINEAR",
    header: {},
    expected: (value) => clamp((value - 2047.5) / 2999 + 0.5),
  },
  {
    name: "LINEAR_EXACT after a rescale",
    header: { voiLutFunction: "LINEAR_EXACT", windows: [{ center: 0, width: 2000 }] },
    changes: { "00281052": element("DS", "-1000"), "00281053": element("DS", "0.5") },
    expected: (value) => clamp((value * 0.5 - 1000) / 2000 + 0.5),
  },
  {
    name: "SIGMOID of MONOCHROME1 with the shape INVERSE",
    header: { voiLutFunction: "SIGMOID", photometricInterpretation: "MONOCHROME1" },
    expected: (value) => 1 - 1 / (1 + Math.exp((-4 * (value - 2048)) / 3000)),
  },
  {
    name: "a VOI LUT beside a window, with padding",
    header: {},
    changes: {
      "00280120": element("US", 63 * 65),
      "00283010": element("SQ", {
        "00283002": element("US", 4096, 0, 10),
        "00283006": element("OW", lut.buffer),
      }),
    },
    expected: (value) => (value === 63 * 65 ? 0 : lut[value]! / 1023),
  },
];

describe.each(wedges)("a wedge with $name", ({ header: own, changes = {}, expected }) => {
  const bytes = writePart10File({ ...mammogramAttributes({ ...header, ...own }, stored), ...changes });
  const truth = Array.from(stored, expected);
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "crossread-wedge-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const largestDifference = (values: ArrayLike<number>, scale: number) => {
    expect(values.length).toBe(truth.length);
    return Math.max(...truth.map((value, index) => Math.abs(value - values[index]! / scale)));
  };

  it("reaches the screen on 16 bits, through the copy that viewers get", async () => {
    const instance = readInstance(presentationCopy(bytes, "wedge"), "wedge");
    const { values } = toDisplayImage(instance, await decodePixelData(instance));
    expect(largestDifference(values, 65_535)).toBeLessThanOrEqual(0.5 / 65_535 + 1e-7);
  });

  it("reaches the thumbnail on 8 bits", async () => {
    const store = createFileObjectStore(directory);
    const outcome = await inspectFile(store, bytes, "wedge");
    if (!outcome.ok) throw new Error(outcome.message);
    const shown = await decodePng(await store.get(outcome.file.thumbnailKey), "thumbnail");
    expect(shown).toMatchObject({ widthPx: side, heightPx: side });
    expect(largestDifference(shown.values, 1)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
  });

  it("reaches the network in float32", async () => {
    const store = createFileObjectStore(directory);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const blobKey = `instances/${sha256}.dcm`;
    await store.put(blobKey, bytes);
    const image = { imageId: "wedge", subjectId: "WEDGE-1", label: 0, blobKey, sha256 } as const;
    const { pixels } = await loadExample(store, image, side);
    expect(largestDifference(pixels, 1)).toBeLessThan(1e-6);
  });
});
