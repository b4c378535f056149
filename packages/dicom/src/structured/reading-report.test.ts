import { mapRatingSchema } from "@crossread/contracts/reading";
import { fc, test as propertyTest } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { imageIds, mammogramFile, reading, referencedImages } from "../../fixtures/reading-objects.ts";
import { parseReadingReport } from "./parse-reading-report.ts";
import * as readingCodes from "./reading-codes.ts";
import type { ReadingRecord } from "./reading-record.ts";
import { writeReadingReport } from "./reading-report.ts";
import { concepts } from "./report-concepts.ts";
import { readReferencedImage } from "./referenced-image.ts";

const images = referencedImages();
const roundTrip = async (record: ReadingRecord) =>
  parseReadingReport(await writeReadingReport(record, images), "report");

test("a reading comes back from its report as it was, and equal readings give equal bytes", async () => {
  expect(await roundTrip(reading)).toEqual(reading);
  expect(await writeReadingReport(reading, images)).toEqual(
    await writeReadingReport(structuredClone(reading), referencedImages()),
  );
});

test("an unaided reading without marks and with answers that were not given comes back as it was", async () => {
  const bare: ReadingRecord = {
    ...reading,
    condition: "unaided",
    mapRating: null,
    answers: {
      breasts: { R: { birads: null, suspicion: null }, L: { birads: "0", suspicion: 100 } },
      density: null,
      marks: [],
      comment: "",
    },
  };
  expect(await roundTrip(bare)).toEqual(bare);
});

test("every word of every answer has a code of its own, which fits its attribute", () => {
  const { descriptorCodes, ...tables } = readingCodes;
  const codeTables = [
    ...Object.values(descriptorCodes),
    ...["lateralityCodes", "viewCodes", "conditionCodes", "biradsCodes", "densityCodes", "kindCodes"].map(
      (name) => tables[name as "biradsCodes"],
    ),
    tables.descriptorNames,
    tables.lesionInsideCodes,
    tables.recallCodes,
    concepts,
  ];
  for (const table of codeTables) {
    const all = Object.values(table);
    expect(new Set(all.map(({ scheme, value }) => `${scheme} ${value}`)).size).toBe(all.length);
    for (const { meaning, scheme, value } of all) {
      // SH and LO of PS3.5 6.2
      expect([value.length <= 16, scheme.length <= 16, meaning.length <= 64]).toEqual([true, true, true]);
    }
  }
});

const coordinate = (max: number) => fc.double({ min: 0, max, noNaN: true }).map((value) => value + 0);
const geometry = fc.oneof(
  fc.record({ shape: fc.constant("point" as const), xPx: coordinate(40), yPx: coordinate(64) }),
  fc.record({
    shape: fc.constant("circle" as const),
    xPx: coordinate(40),
    yPx: coordinate(64),
    radiusPx: fc.double({ min: 0.01, max: 60, noNaN: true }),
  }),
  fc.record({
    shape: fc.constant("ellipse" as const),
    xPx: coordinate(40),
    yPx: coordinate(64),
    radiusXPx: fc.double({ min: 0.01, max: 60, noNaN: true }),
    radiusYPx: fc.double({ min: 0.01, max: 60, noNaN: true }),
    rotationRad: fc.double({ min: 0.001, max: 6.3, noNaN: true }),
  }),
  fc.record({
    shape: fc.constant("polygon" as const),
    points: fc.array(fc.record({ xPx: coordinate(40), yPx: coordinate(64) }), {
      minLength: 3,
      maxLength: 20,
    }),
  }),
);
const mark = fc.record(
  {
    markId: fc.uuid({ version: 4 }),
    instanceId: fc.constantFrom(imageIds.cc, imageIds.mlo),
    geometry,
    kind: fc.constantFrom(
      ...(Object.keys(readingCodes.kindCodes) as (keyof typeof readingCodes.kindCodes)[]),
    ),
    conspicuity: fc.integer({ min: 1, max: 5 }),
    descriptors: fc.record(
      {
        shape: fc.constantFrom("oval" as const, "irregular" as const),
        morphology: fc.constantFrom("rim" as const, "suture" as const),
        extent: fc.constantFrom("global" as const, "developing" as const),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["markId", "instanceId", "geometry", "kind"] },
);
const comment = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom(" ", "a ", "\n", "\0", "\ud800x"),
);

propertyTest.prop(
  {
    marks: fc.array(mark, { maxLength: 5 }),
    comment,
    rated: comment,
    birads: fc.constantFrom(
      ...(Object.keys(readingCodes.biradsCodes) as (keyof typeof readingCodes.biradsCodes)[]),
    ),
    suspicion: fc.integer({ min: 0, max: 100 }),
  },
  { numRuns: 60 },
)("any reading comes back as it was", async ({ birads, comment, marks, rated, suspicion }) => {
  const record: ReadingRecord = {
    ...reading,
    answers: {
      ...reading.answers,
      marks,
      comment,
      breasts: { R: { birads, suspicion }, L: { birads, suspicion } },
    },
    mapRating: mapRatingSchema.parse({ ...reading.mapRating, comment: rated }),
  };
  expect(await roundTrip(record)).toEqual(record);
});

test("a report whose graphic or geometry was changed is refused", async () => {
  const bytes = await writeReadingReport(reading, images);
  const start = Buffer.from(bytes).indexOf('{"shape":"circle","xPx":2');
  bytes[start + '{"shape":"circle","xPx":'.length] = "3".charCodeAt(0);
  expect(() => parseReadingReport(bytes, "report")).toThrow(/graphic of mark .*c3 is not the one/);
});

test("an image is no report", () => {
  expect(() => parseReadingReport(mammogramFile(), "image")).toThrow("image is no Comprehensive SR.");
});

test("a mark on another case's image, and images of two studies, are refused", async () => {
  const [cc] = images;
  await expect(writeReadingReport(reading, [cc])).rejects.toThrow(/on none of the images/);
  const other = readReferencedImage(mammogramFile({ studyInstanceUid: "2.25.999" }), imageIds.mlo);
  await expect(writeReadingReport(reading, [cc, other])).rejects.toThrow(/images of one study/);
});
