import { expect, test } from "vitest";
import {
  imageIds,
  mammogramFile,
  reading,
  referencedImages,
  saliencyMap,
} from "../../fixtures/reading-objects.ts";
import { parseParametricMap, writeParametricMap } from "./parametric-map.ts";
import { type MarkedImage, parsePresentationState, writePresentationState } from "./presentation-state.ts";

const [cc, mlo] = referencedImages();
const marked: MarkedImage = {
  readingId: reading.readingId,
  readerStudyId: reading.readerStudyId,
  readerPseudonym: reading.readerPseudonym,
  instanceId: imageIds.mlo,
  condition: reading.condition,
  lockedAt: reading.lockedAt,
  marks: reading.answers.marks.filter(({ instanceId }) => instanceId === imageIds.mlo),
};

test("marks come back from a presentation state as they were drawn", async () => {
  expect(marked.marks).toHaveLength(2);
  expect(parsePresentationState(await writePresentationState(marked, mlo), "state")).toEqual(marked);
  const bare = { ...marked, marks: [] };
  expect(parsePresentationState(await writePresentationState(bare, mlo), "state")).toEqual(bare);
});

test("a presentation state holds no mark of another image", async () => {
  await expect(writePresentationState({ ...marked, marks: reading.answers.marks }, mlo)).rejects.toThrow(
    /marks of image/,
  );
});

test("a presentation state whose graphic was moved is refused", async () => {
  const bytes = await writePresentationState(marked, mlo);
  const elements = Buffer.from(bytes);
  // (0070,0022) FL with two points and more
  const start = elements.indexOf(Buffer.from([0x70, 0x00, 0x22, 0x00, 0x46, 0x4c])) + 8;
  bytes.set(new Uint8Array(Float32Array.of(1).buffer), start);
  expect(() => parsePresentationState(bytes, "state")).toThrow(/is not the one of its recorded geometry/);
  expect(() => parsePresentationState(mammogramFile(), "image")).toThrow(/no presentation state/);
});

test("a map comes back value for value with its transform", async () => {
  const bytes = await writeParametricMap(saliencyMap, cc);
  expect(parseParametricMap(bytes, "map")).toEqual(saliencyMap);
  expect(await writeParametricMap(structuredClone(saliencyMap), cc)).toEqual(bytes);
});

test("a map of another image, or of another size than its transform says, is refused", async () => {
  await expect(writeParametricMap(saliencyMap, mlo)).rejects.toThrow(/covers an image of 40 × 64/);
  const transform = { ...saliencyMap.properties.transform, imageWidthPx: 41 };
  const wrong = { ...saliencyMap, properties: { ...saliencyMap.properties, transform } };
  await expect(writeParametricMap(wrong, cc)).rejects.toThrow(/covers an image of 41 × 64/);
  expect(() => parseParametricMap(mammogramFile(), "image")).toThrow(/no parametric map/);
});
