import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { describe, expect, it } from "vitest";
import { findSharedImages, guardDataset, guardPlaces, joinPatients } from "./cohort-guard.ts";

const image = (imageId: string, change: Partial<DatasetImage> = {}): DatasetImage => ({
  imageId,
  file: `images/${imageId}.pgm`,
  sha256: imageId.padEnd(64, "0"),
  subjectId: `p-${imageId}`,
  laterality: "L",
  view: "CC",
  label: "benign",
  finding: "benign",
  lesions: [],
  ...change,
});

describe("the cohort guard", () => {
  const images = [image("a", { sha256: "f".repeat(64) }), image("b", { sha256: "f".repeat(64) }), image("c")];
  const pairs = findSharedImages(images, new Map());
  const places = (b: string) => (id: string) => ({ split: id === "b" ? b : "train", siteId: "" });

  it("refuses a pair that the split tears apart, by name, unless it is allowed", () => {
    expect(() => guardPlaces(pairs, places("internal-test"), {})).toThrow(
      /1 pair of copied images.*: a and b/,
    );
    expect(guardPlaces(pairs, places("internal-test"), { allowLeaks: true }).length).toBe(1);
    expect(guardPlaces(pairs, places("train"), {})).toEqual([]);
    expect(guardPlaces(pairs, (id) => (id === "b" ? undefined : { split: "train", siteId: "" }), {})).toEqual(
      [],
    );
  });

  it("refuses one woman at two sites", () => {
    const torn = [image("a", { subjectId: "p", siteId: "x" }), image("b", { subjectId: "p", siteId: "y" })];
    const found = findSharedImages(torn, new Map());
    expect(() =>
      guardPlaces(found, (id) => ({ split: "train", siteId: id === "a" ? "x" : "y" }), {}),
    ).toThrow(/across splits or sites: a and b/);
  });

  it("joins patients in chains and refuses names that the dataset has not", () => {
    const joined = joinPatients(images, ["p-b,p-c", "p-a,p-b"]);
    expect(new Set(joined.map(({ subjectId }) => subjectId))).toEqual(new Set(["p-a"]));
    expect(findSharedImages(joined, new Map())).toEqual([]);
    expect(() => joinPatients(images, ["p-a,p-z"])).toThrow(/no such patient/);
    expect(() => joinPatients(images, ["p-a"])).toThrow(/two patient ids/);
  });

  it("refuses film and digital images of one site unless it is allowed", () => {
    const manifest = {
      format: "crossread-dataset",
      version: 1,
      name: "n",
      source: "csv",
      acquisition: "digital",
      licence: "",
      images: [image("a"), image("b", { acquisition: "film-digitised" })],
    } as const;
    const dataset = { directory: ".", manifest };
    expect(() =>
      guardDataset({ ...dataset, manifest: { ...manifest, images: [...manifest.images] } }, {}),
    ).toThrow(/one kind of acquisition/);
    expect(
      guardDataset(
        { ...dataset, manifest: { ...manifest, images: [...manifest.images] } },
        { allowMixedAcquisition: true },
      ).manifest.images.length,
    ).toBe(2);
  });
});
