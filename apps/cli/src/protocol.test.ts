import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { modelPresets } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { describe, expect, test } from "vitest";
import { requireProtocol } from "./protocol.ts";

const config = { ...modelPresets["tiny-cbam"], imageSize: 16 };
const kinds = ["circumscribed-mass", "calcification", "ill-defined-mass", undefined] as const;

const images: DatasetImage[] = Array.from({ length: 40 }, (_, index) => {
  const label = index % 4 === 0 ? "malignant" : "benign";
  const kind = kinds[index % kinds.length];
  return {
    imageId: `image-${index}`,
    file: `${index}.pgm`,
    sha256: index.toString(16).padStart(64, "0"),
    subjectId: `subject-${index >> 1}`,
    laterality: index % 2 === 0 ? "R" : "L",
    view: "MLO",
    label,
    finding: label,
    lesions:
      kind === undefined ? [] : [{ shape: "circle", xPx: 5, yPx: 5, radiusPx: 2, kind, finding: label }],
  };
});

const examplesOf = (selected: readonly DatasetImage[]): Example[] =>
  selected.map(({ imageId, label, subjectId }) => ({
    exampleId: imageId,
    subjectId,
    label: label === "malignant" ? 1 : 0,
    pixels: Float32Array.from({ length: 256 }, (_, place) => (place % 16) / 16),
  }));

function cohortOf(name: string, options: { films?: string; copies?: number } = {}) {
  const protocol = requireProtocol(name, options);
  const selected = protocol.select(images);
  return protocol.split({ images: selected, examples: examplesOf(selected) }, { config, seed: 1 });
}

const share = (examples: readonly Example[]) =>
  examples.filter(({ label }) => label === 1).length / examples.length;
const parents = (examples: readonly Example[]) =>
  new Set(examples.map(({ exampleId }) => exampleId.split("#")[0]));

describe("protocol patient", () => {
  test("puts every image of a patient into one split and copies nothing", () => {
    const { test: held, train, tuning } = cohortOf("patient");
    expect(train.length + tuning.length + held.length).toBe(40);
    const subjects = [train, tuning, held].map((part) => new Set(part.map(({ subjectId }) => subjectId)));
    const total = subjects.reduce((sum, { size }) => sum + size, 0);
    expect(new Set(subjects.flatMap((part) => [...part])).size).toBe(total);
  });
});

describe("protocol paper", () => {
  test("copies every film twelve times and splits the copies 70 : 10 : 20 within each class", () => {
    const cohort = cohortOf("paper");
    expect([cohort.train.length, cohort.tuning.length, cohort.test.length]).toEqual([336, 48, 96]);
    expect([cohort.train, cohort.tuning, cohort.test].map(share)).toEqual([0.25, 0.25, 0.25]);
    const seen = parents(cohort.train);
    const leaked = cohort.test.filter(({ exampleId }) => seen.has(exampleId.split("#")[0]!));
    expect(leaked.length / cohort.test.length).toBeGreaterThan(0.95);
  });

  test("takes films with a marked mass alone where asked, 70 copies of each", () => {
    const cohort = cohortOf("paper", { films: "masses" });
    const all = [...cohort.train, ...cohort.tuning, ...cohort.test];
    expect(all).toHaveLength(20 * 70);
    expect(parents(all)).toEqual(
      new Set(images.filter((_, index) => index % 2 === 0).map(({ imageId }) => imageId)),
    );
  });

  test("draws another split for another seed and the same for the same", () => {
    const protocol = requireProtocol("paper", { copies: 2 });
    const split = (seed: number) =>
      protocol.split({ images, examples: examplesOf(images) }, { config, seed });
    expect(split(1)).toEqual(split(1));
    expect(split(2).digest).not.toBe(split(1).digest);
  });

  test("decides by the larger probability as the paper does, protocol patient on the tuning split", () => {
    expect(requireProtocol("paper", {}).threshold).toBe("argmax");
    expect(requireProtocol("patient", {}).threshold).toBe("tuning");
  });
});

test.each([
  ["best", {}],
  ["patient", { films: "all" }],
  ["patient", { copies: 3 }],
  ["paper", { films: "some" }],
])("refuses %s with %j", (name, options) => {
  expect(() => requireProtocol(name, options)).toThrow(expect.objectContaining({ code: "usage" }));
});
