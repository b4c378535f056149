import {
  readerStudyAnalysisSchema,
  type ReaderStudyAnalysis,
} from "@crossread/contracts/reader-study-analysis";
import { cohenKappa, krippendorffAlpha } from "@crossread/metrics/agreement";
import { arbitraryDesign } from "@crossread/metrics/arbitrary-design";
import { aucOfCases } from "@crossread/metrics/auc";
import { aucFigure } from "@crossread/metrics/figure-of-merit";
import { agreementCorrelation } from "@crossread/metrics/intraclass-correlation";
import { beforeAll, describe, expect, test } from "vitest";
import { simulatedStudy } from "../testing/simulated-study.ts";
import { analyseStudy } from "./analyse-study.ts";
import type { StudyTables } from "./study-tables.ts";

/** An analysis takes a second of a free core, and tens of them where many others want it. */
const slowMachineMs = 120_000;
const study = simulatedStudy({ caseCount: 36, readerCount: 3 });
const labels = study.breasts.map(({ isMalignant }) => (isMalignant ? 1 : 0));
const complete = (rows: readonly (number | null)[]) => rows.map((value) => value ?? Number.NaN);

function defined<TValue extends object>(section: TValue | { undefined: string }): TValue {
  if ("undefined" in section) throw new Error(section.undefined);
  return section;
}
function oneShot(pooled: ReaderStudyAnalysis["comparisons"][number]["pooled"]) {
  const found = defined(pooled);
  if (found.method !== "one-shot") throw new Error(found.method);
  return found;
}
/** Takes back what a reader read after the first cases. */
function stop(tables: StudyTables, at: { readonly reader: number; readonly caseCount: number }): StudyTables {
  const isKept = (reader: number, caseIndex: number) => reader !== at.reader || caseIndex < at.caseCount;
  tables.readings = tables.readings.filter(({ caseIndex, readerIndex }) => isKept(readerIndex, caseIndex));
  for (const table of [...tables.suspicion, ...tables.birads]) {
    table[at.reader] = table[at.reader]!.map((rating, breast) =>
      isKept(at.reader, tables.breasts[breast]!.caseIndex) ? rating : null,
    );
  }
  tables.readers[at.reader]!.submittedCount = at.caseCount;
  return tables;
}
const reasonOf = (section: object): string => ("undefined" in section ? String(section.undefined) : "");
const aucOf = (analysis: ReaderStudyAnalysis) => analysis.comparisons[0]!;

describe("a fully crossed study", { timeout: slowMachineMs }, () => {
  let analysis: ReaderStudyAnalysis;
  beforeAll(async () => {
    analysis = await analyseStudy(study);
  }, slowMachineMs);

  test("has a form that can be stored, the same each time", async () => {
    expect(readerStudyAnalysisSchema.parse(structuredClone(analysis))).toEqual(analysis);
    expect(await analyseStudy(study)).toEqual(analysis);
    expect(analysis).toMatchObject({
      structure: "crossed",
      breastCount: 72,
      malignantCount: 12,
      subjectCount: 36,
    });
  });

  test("a difference above 0 is a gain by the aid, and every reader's AUC is of that reader's answers", () => {
    const { byReader, pooled } = aucOf(analysis);
    expect(defined(pooled).difference.value).toBeGreaterThan(0);
    const values = study.suspicion.map((table) => aucOfCases(labels, complete(table[1]!)));
    const second = defined(byReader[1]!.result);
    expect([second.aided.value, second.unaided.value]).toEqual(values);
    const mean = byReader.reduce((sum, { result }) => sum + defined(result).difference.value / 3, 0);
    expect(defined(pooled).difference.value).toBeCloseTo(mean, 12);
    const curve = analysis.curves.find(({ condition, reader }) => reader === 1 && condition === "unaided");
    expect(defined(defined(curve!.result).auc).value).toBeCloseTo(values[1]!, 12);
  });

  test("agreement is that of the plain coefficients, with an interval and the aid's difference", () => {
    const of = (measure: string) => analysis.agreement.find((row) => row.measure === measure)!;
    const suspicion = study.suspicion[1]!.map(complete);
    expect(defined(of("suspicion-icc").unaided).value).toBeCloseTo(agreementCorrelation(suspicion), 10);
    expect(defined(of("suspicion-alpha").unaided).value).toBeCloseTo(
      krippendorffAlpha(suspicion, "interval"),
      10,
    );
    expect(defined(of("birads-alpha").aided).value).toBeCloseTo(
      krippendorffAlpha(study.birads[0]!, "ordinal"),
      10,
    );
    const { aided, difference, unaided } = of("suspicion-icc");
    expect(defined(difference).value).toBeCloseTo(defined(aided).value - defined(unaided).value, 12);
    for (const row of analysis.agreement)
      expect(defined(row.aided).lower).toBeLessThan(defined(row.aided).upper);
    const pair = analysis.pairs.find(({ first, second }) => first === 0 && second === 2)!;
    const quadratic = cohenKappa(complete(study.birads[1]![0]!), complete(study.birads[1]![2]!), {
      categories: [1, 2, 3, 4, 5, 6, 7, 8],
      weights: "quadratic",
    });
    expect(defined(pair.measures[0]!.unaided).value).toBeCloseTo(quadratic, 12);
    expect(pair.breastCount).toBe(72);
  });

  test("switches are right where suspicion moves towards the reference standard", () => {
    const [all] = defined(analysis.changes).rows;
    let right = 0;
    let changed = 0;
    study.suspicion[0]!.forEach((row, reader) =>
      row.forEach((aided, breast) => {
        const change = (aided ?? 0) - (study.suspicion[1]![reader]![breast] ?? 0);
        if (change === 0) return;
        changed++;
        if (change > 0 === study.breasts[breast]!.isMalignant) right++;
      }),
    );
    expect(all!.suspicionRight).toMatchObject({ count: right, total: changed });
    expect(
      defined(defined(analysis.changes).malignant)
        .grid.flat()
        .reduce((sum, cell) => sum + cell, 0),
    ).toBe(36);
  });

  test("maps are measured against the reference standard and every reader under each condition", () => {
    const { rows } = defined(analysis.maps);
    const reference = defined(
      rows.find(({ findingType, target }) => target.kind === "reference" && findingType === null)!.result,
    );
    expect(reference).toMatchObject({ mapCount: 36, markedMapCount: 12 });
    expect(reference.overlaps).toHaveLength(9);
    expect(reference.energyInside!.value).toBeCloseTo(
      study.images
        .filter(({ isMarked }) => isMarked)
        .reduce((sum, { caseIndex }) => sum + 0.3 + 0.02 * (caseIndex % 20), 0) / 12,
      12,
    );
    expect(rows.filter(({ target }) => target.kind === "reader" && target.reader !== null)).toHaveLength(6);
    expect(rows.some(({ findingType }) => findingType === "mass")).toBe(true);
  });

  test("map ratings and times are summarised by reader and together", () => {
    const ratings = defined(analysis.mapRatings);
    expect(ratings.rows.map(({ count, reader }) => [reader, count])).toEqual([
      [null, 108],
      [0, 36],
      [1, 36],
      [2, 36],
    ]);
    expect(ratings.rows[0]!.plausibility.reduce((sum, one) => sum + one, 0)).toBe(108);
    expect(ratings.plausibilityAndEnergy.map(({ count }) => count)).toEqual([36, 36]);
    const [all] = defined(analysis.times);
    expect(all).toMatchObject({ reader: null, condition: "unaided", count: 108 });
  });
});

describe("other designs", { timeout: slowMachineMs }, () => {
  test("split-plot: groups with cases of their own", async () => {
    const analysis = await analyseStudy(
      simulatedStudy({ caseCount: 60, readerCount: 4, reads: (reader, one) => reader % 2 === one % 2 }),
    );
    expect(analysis).toMatchObject({
      structure: "split-plot",
      structureNote: expect.stringContaining("2 groups of 2") as string,
    });
    expect(defined(aucOf(analysis).pooled)).toMatchObject({
      method: "obuchowski-rockette",
      difference: { value: expect.any(Number) as number },
    });
    expect(analysis.readers.map(({ group }) => group)).toEqual([0, 1, 0, 1]);
    const icc = analysis.agreement.find(({ measure }) => measure === "suspicion-icc")!;
    expect(reasonOf(icc.aided)).toContain("no breast was rated by all");
    expect(
      defined(analysis.agreement.find(({ measure }) => measure === "suspicion-alpha")!.aided).value,
    ).toBeLessThan(1);
    expect(analysis.pairs).toHaveLength(2);
  });

  test("double reading in changing pairs: the one-shot estimate, and agreement", async () => {
    const pairsOf = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    const analysis = await analyseStudy(
      simulatedStudy({
        caseCount: 60,
        readerCount: 3,
        reads: (reader, one) => pairsOf[(one >> 1) % 3]!.includes(reader),
      }),
    );
    expect(readerStudyAnalysisSchema.parse(structuredClone(analysis))).toEqual(analysis);
    expect(analysis.structure).toBe("overlapping");
    expect(analysis.structureNote).toContain("given to 2 of 3 readers");
    expect(analysis.comparisonNote).toMatch(
      /one-shot estimate.*because cases were given to readers in changing company/,
    );
    const { averaged, byReader, pooled } = aucOf(analysis);
    expect(averaged).toBeNull();
    const { comparedWithin, difference, method } = oneShot(pooled);
    const mean = byReader.reduce((sum, { result }) => sum + defined(result).difference.value / 3, 0);
    expect(difference.value).toBeCloseTo(mean, 12);
    expect([method, comparedWithin]).toEqual(["one-shot", "all"]);
    expect(
      defined(analysis.agreement.find(({ measure }) => measure === "recall-fleiss")!.aided).value,
    ).toBeLessThan(1);
  });

  test("groups of unequal size: the one-shot estimate of the package, patients as clusters", async () => {
    const tables = simulatedStudy({
      caseCount: 60,
      readerCount: 5,
      reads: (reader, one) => reader % 2 === one % 2,
    });
    const analysis = await analyseStudy(tables);
    expect(analysis.comparisonNote).toContain("the groups of readers are of unequal size");
    const { comparedWithin, difference, variance } = oneShot(aucOf(analysis).pooled);
    const wanted = arbitraryDesign(
      {
        conditions: ["aided", "unaided"],
        readers: tables.readers.map(({ readerId }) => readerId),
        labels: tables.breasts.map(({ isMalignant }) => (isMalignant ? 1 : 0)),
        ratings: tables.suspicion,
        clusterIds: tables.breasts.map(({ caseIndex }) => tables.subjectIds[caseIndex]!),
      },
      aucFigure,
    ).randomReadersRandomCases.differences[0]!;
    expect(difference).toEqual({
      value: wanted.value,
      lower: wanted.lower,
      upper: wanted.upper,
      pValue: wanted.pValue,
      degreesOfFreedom: wanted.degreesOfFreedom,
    });
    expect(comparedWithin).toBe("blocks");
    expect(variance).toEqual(wanted.parts);
  });
});

describe("a reader who has not finished", { timeout: slowMachineMs }, () => {
  const stoppedAt = (caseCount: number) => {
    const tables = simulatedStudy({ caseCount: 36, readerCount: 3 });
    return stop(tables, { reader: 1, caseCount });
  };

  test("counts in the comparisons with the cases read, weighs their share, and counts nowhere else", async () => {
    const analysis = await analyseStudy(stoppedAt(27));
    expect(readerStudyAnalysisSchema.parse(structuredClone(analysis))).toEqual(analysis);
    expect(analysis.readers.map(({ isComplete, weight }) => [isComplete, weight])).toEqual([
      [true, 1],
      [false, 0.75],
      [true, 1],
    ]);
    expect(analysis).toMatchObject({
      structure: "crossed",
      comparisonNote: expect.stringContaining("1 reader has not finished") as string,
    });
    const { byReader, pooled } = aucOf(analysis);
    const [first, second, third] = byReader.map(({ result }) => defined(result).difference.value);
    const { difference } = oneShot(pooled);
    expect(difference.value).toBeCloseTo((first! + 0.75 * second! + third!) / 2.75, 12);
    const own = labels.slice(0, 54);
    const aided = study.suspicion[0]![1]!.slice(0, 54);
    expect(defined(byReader[1]!.result).aided.value).toBeCloseTo(aucOfCases(own, complete(aided)), 12);
    expect(new Set(analysis.curves.map(({ reader }) => reader))).toEqual(new Set([null, 0, 2]));
  });

  test("does not count at all with too few patients or one class, and the others are analysed as if alone", async () => {
    for (const caseCount of [4, 0]) {
      const analysis = await analyseStudy(stoppedAt(caseCount));
      expect(analysis.readers[1]).toMatchObject({ isComplete: false, weight: null });
      expect(aucOf(analysis).byReader.map(({ reader }) => reader)).toEqual([0, 2]);
      expect(defined(aucOf(analysis).pooled).method).toBe("obuchowski-rockette");
    }
  });

  test("alone leaves a sentence, and the mean of whoever finished", async () => {
    const tables = simulatedStudy({ caseCount: 36, readerCount: 2 });
    for (const table of tables.suspicion) table[1] = table[1]!.map(() => 50);
    const analysis = await analyseStudy(stop(tables, { reader: 1, caseCount: 20 }));
    const { averaged, pooled } = aucOf(analysis);
    expect(reasonOf(pooled)).toContain("every case the rating 50");
    expect(defined(averaged!).value).toBeGreaterThan(0);
  });
});

describe("degenerate studies say why, section by section", { timeout: slowMachineMs }, () => {
  const changed = (change: (tables: StudyTables) => void) => {
    const tables = structuredClone(study);
    change(tables);
    return analyseStudy(tables);
  };

  test("one reader", async () => {
    const analysis = await analyseStudy(simulatedStudy({ caseCount: 36, readerCount: 1 }));
    expect(reasonOf(aucOf(analysis).pooled)).toContain("needs two");
    expect(defined(aucOf(analysis).byReader[0]!.result).aided.value).toBeGreaterThan(0.5);
    expect(reasonOf(analysis.agreement[0]!.aided)).toContain("two readers");
    expect(defined(analysis.maps).rows.length).toBeGreaterThan(2);
  });

  test("constant ratings of one reader leave the others their figures", async () => {
    const analysis = await changed(({ suspicion }) => {
      for (const table of suspicion) table[2] = table[2]!.map(() => 50);
    });
    const { byReader, pooled } = aucOf(analysis);
    expect(reasonOf(byReader[2]!.result)).toContain("every case the rating 50");
    expect(reasonOf(pooled)).toContain(study.readers[2]!.readerId);
    expect(defined(byReader[0]!.result).aided.value).toBeGreaterThan(0.5);
    expect(defined(analysis.comparisons[1]!.pooled).difference.value).toBeTypeOf("number");
  });

  test("a perfect reader has no interval, and the others keep theirs", async () => {
    const analysis = await changed(({ birads, breasts, suspicion }) => {
      for (const table of suspicion) table[0] = breasts.map(({ isMalignant }) => (isMalignant ? 90 : 10));
      for (const table of birads) table[0] = breasts.map(({ isMalignant }) => (isMalignant ? 7 : 1));
    });
    const [auc, sensitivity] = analysis.comparisons;
    expect(reasonOf(auc!.byReader[0]!.result)).toContain("1.000 aided and 1.000 unaided");
    expect(defined(auc!.byReader[1]!.result).aided.value).toBeLessThan(1);
    // 12 of 12 patients: the exact lower limit is 0.025^(1/12).
    const { aided } = defined(sensitivity!.byReader[0]!.result);
    expect([aided.value, aided.upper]).toEqual([1, 1]);
    expect(aided.lower).toBeCloseTo(0.025 ** (1 / 12), 8);
  });

  test("no disease, and nothing but disease", async () => {
    for (const isMalignant of [false, true]) {
      const analysis = await changed((tables) => {
        tables.breasts = tables.breasts.map((breast) => ({ ...breast, isMalignant }));
      });
      expect(reasonOf(aucOf(analysis).pooled)).toContain("both classes");
      expect(reasonOf(analysis.model)).toContain("both classes");
      expect(defined(analysis.agreement[0]!.aided).value).toBeLessThan(1);
      expect(defined(analysis.changes).rows[0]!.count).toBe(216);
    }
  });

  test("a breast that nobody rated, no map, no reader at all", async () => {
    const gap = await changed(({ suspicion }) => {
      suspicion[0]![0]![3] = null;
    });
    expect(reasonOf(aucOf(gap).pooled)).toContain("was not rated");
    const mapless = await changed((tables) => {
      tables.images = tables.images.map((image) => ({ ...image, mapId: null }));
    });
    expect(reasonOf(mapless.maps)).toContain("no map");
    expect(defined(mapless.mapRatings).rows[0]!.count).toBe(108);
    const empty = await changed((tables) => {
      for (const reader of tables.readers.keys()) stop(tables, { reader, caseCount: 0 });
    });
    expect([empty.changes, empty.times, empty.mapRatings].map(reasonOf)).toEqual([
      expect.stringContaining("No reader") as string,
      expect.stringContaining("No reader") as string,
      expect.stringContaining("fewer than 5") as string,
    ]);
    expect(defined(empty.maps).rows).toHaveLength(4);
  });

  test("maps of fewer than five patients are not shown", async () => {
    const analysis = await analyseStudy(simulatedStudy({ caseCount: 4, readerCount: 2 }));
    expect(defined(analysis.maps).rows.map(({ result }) => reasonOf(result))).toContain(
      "Maps of fewer than 5 patients are not shown.",
    );
  });
});
