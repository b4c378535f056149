import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { describe, expect, it } from "vitest";
import { cohortDigest, type CohortMember } from "./cohort-digest.ts";
import { assignSites } from "./site-assignment.ts";
import { splitBySubject } from "./subject-split.ts";
import { apportion } from "./subject-stratum.ts";

function subjectImages(subjectId: string, isMalignant: boolean, siteId?: string): DatasetImage[] {
  return (["R", "L"] as const).map((laterality) => {
    const isThis = isMalignant && laterality === "R";
    return {
      imageId: `${subjectId}-${laterality}`,
      file: `${subjectId}-${laterality}.pgm`,
      sha256: "0".repeat(64),
      subjectId,
      ...(siteId === undefined ? {} : { siteId }),
      laterality,
      view: "MLO",
      label: isThis ? "malignant" : "benign",
      finding: isThis ? "malignant" : "normal",
      lesions: [],
    };
  });
}

function cohort(benignCount: number, malignantCount: number, siteId?: string): DatasetImage[] {
  return Array.from({ length: benignCount + malignantCount }, (_, index) =>
    subjectImages(`${siteId ?? ""}S${String(index).padStart(3, "0")}`, index >= benignCount, siteId),
  ).flat();
}

const fractions = { train: 0.6, tuning: 0.15, "internal-test": 0.25 };

describe("splitBySubject", () => {
  it("gives every subject one split in the asked proportions of each class", () => {
    const images = cohort(100, 40);
    const splits = splitBySubject({ images, seed: 1, fractions });
    expect(splits.size).toBe(140);
    const malignant = new Set(
      images.filter(({ label }) => label === "malignant").map(({ subjectId }) => subjectId),
    );
    const count = (split: string, isMalignant: boolean) =>
      [...splits].filter(([id, own]) => own === split && malignant.has(id) === isMalignant).length;
    expect(
      ["train", "tuning", "internal-test"].map((split) => [count(split, false), count(split, true)]),
    ).toEqual([
      [60, 24],
      [15, 6],
      [25, 10],
    ]);
  });

  it("depends on the seed but not on the order of images", () => {
    const images = cohort(20, 10);
    const sorted = (seed: number, list: DatasetImage[]) =>
      [...splitBySubject({ images: list, seed, fractions })].map(String).sort();
    expect(sorted(1, images.toReversed())).toEqual(sorted(1, images));
    expect(sorted(2, images)).not.toEqual(sorted(1, images));
  });

  it("fills every split with both classes at every site, however few there are", () => {
    const images = [...cohort(3, 3, "a"), ...cohort(30, 4, "b")];
    const splits = splitBySubject({ images, seed: 1, fractions });
    const cells = new Set(images.map(({ subjectId, siteId }) => `${siteId} ${splits.get(subjectId)}`));
    expect(cells.size).toBe(6);
    for (const siteId of ["a", "b"]) {
      const malignantSplits = images
        .filter((image) => image.siteId === siteId && image.label === "malignant")
        .map(({ subjectId }) => splits.get(subjectId));
      expect(new Set(malignantSplits).size).toBe(3);
    }
  });

  it("leaves out a split of fraction 0", () => {
    const splits = splitBySubject({
      images: cohort(6, 2),
      seed: 1,
      fractions: { train: 0.5, tuning: 0, "internal-test": 0.5 },
    });
    expect(new Set(splits.values())).toEqual(new Set(["train", "internal-test"]));
  });

  it("refuses what cannot be split and says why", () => {
    const attempt =
      (images: DatasetImage[], own = fractions) =>
      () =>
        splitBySubject({ images, seed: 1, fractions: own });
    expect(attempt(cohort(10, 2))).toThrow(
      "Each of 3 splits needs a malignant subject, but the dataset has 2.",
    );
    expect(attempt([...cohort(9, 9, "a"), ...cohort(9, 0, "b")])).toThrow("malignant subject, but b has 0.");
    expect(attempt([])).toThrow("at least one image");
    expect(attempt(cohort(9, 9), { train: 0.9, tuning: 0.2, "internal-test": 0.1 })).toThrow("sum to 1");
    expect(attempt([...subjectImages("S1", true, "a"), ...subjectImages("S1", true, "b")])).toThrow(
      "S1 has images of a and b",
    );
  });
});

describe("apportion", () => {
  it("adds up, is proportional and never starves a positive weight", () => {
    for (let count = 3; count < 60; count++) {
      const parts = apportion(count, [0.94, 0.05, 0.01]);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(count);
      expect(Math.min(...parts)).toBeGreaterThan(0);
    }
    expect(apportion(10, [0.5, 0, 0.5])).toEqual([5, 0, 5]);
  });
});

describe("assignSites", () => {
  it("keeps a subject together and gives every site its share of each class", () => {
    const images = assignSites({ images: cohort(110, 51), siteCount: 3, seed: 42 });
    const siteOf = new Map<string, Set<string | undefined>>();
    for (const { subjectId, siteId } of images) {
      siteOf.set(subjectId, (siteOf.get(subjectId) ?? new Set()).add(siteId));
    }
    expect([...siteOf.values()].every((sites) => sites.size === 1)).toBe(true);
    const malignant = images.filter(({ label }) => label === "malignant");
    const perSite = ["site-1", "site-2", "site-3"].map((site) => [
      images.filter(({ siteId }) => siteId === site).length / 2,
      malignant.filter(({ siteId }) => siteId === site).length,
    ]);
    expect(perSite).toEqual([
      [54, 17],
      [54, 17],
      [53, 17],
    ]);
  });

  it("refuses sets with sites, too many sites and zero sites", () => {
    const attempt = (images: DatasetImage[], siteCount: number) => () =>
      assignSites({ images, siteCount, seed: 1 });
    expect(attempt(cohort(4, 4, "a"), 2)).toThrow("belongs to a");
    expect(attempt(cohort(9, 2), 3)).toThrow(
      "Each of 3 sites needs a malignant subject, but the dataset has 2.",
    );
    expect(attempt(cohort(9, 2), 0)).toThrow("at least 1 site, got 0");
  });
});

describe("cohortDigest", () => {
  const member = (imageId: string, change: Partial<CohortMember> = {}): CohortMember => ({
    siteId: "a",
    subjectId: "S1",
    imageId,
    sha256: "0".repeat(64),
    split: "train",
    label: "benign",
    ...change,
  });

  it("ignores order and notices every change", () => {
    const base = cohortDigest([member("1"), member("2")]);
    expect(cohortDigest([member("2"), member("1")])).toBe(base);
    for (const change of [
      { siteId: "b" },
      { subjectId: "S2" },
      { sha256: "1".repeat(64) },
      { split: "tuning" as const },
      { label: "malignant" },
    ]) {
      expect(cohortDigest([member("1"), member("2", change)])).not.toBe(base);
    }
    expect(cohortDigest([member("1")])).not.toBe(base);
  });

  it("refuses an image that is in it twice", () => {
    expect(() => cohortDigest([member("1"), member("1", { split: "tuning" })])).toThrow(
      "1 of a is in it twice",
    );
  });
});
