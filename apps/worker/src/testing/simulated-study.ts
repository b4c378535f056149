import { createRandom } from "@crossread/metrics/random";
import type { StudyTables } from "../reader-study/study-tables.ts";

const id = (kind: number, place: number): string =>
  `00000000-0000-7${String(kind).padStart(3, "0")}-8000-${place.toString(16).padStart(12, "0")}`;

/** A study of women with two breasts each, every third left one malignant; the aid adds to the suspicion of those. */
export function simulatedStudy(plan: {
  readonly caseCount: number;
  readonly readerCount: number;
  /** Cases of a reader; all where absent. */
  readonly reads?: (reader: number, caseIndex: number) => boolean;
  readonly seed?: number;
}): StudyTables {
  const { caseCount, readerCount, reads = () => true } = plan;
  const random = createRandom(plan.seed ?? 12);
  const cases = Array.from({ length: caseCount }, (_, place) => ({
    ease: 8 * random.normal(),
    isMalignant: place % 3 === 0,
  }));
  const breasts = cases.flatMap(({ isMalignant }, caseIndex) =>
    [false, isMalignant].map((isLesion) => ({
      caseIndex,
      isMalignant: isLesion,
      score: Math.min(1, Math.max(0, (isLesion ? 0.7 : 0.3) + 0.2 * random.normal())),
    })),
  );
  const table = () =>
    [0, 1].map(() => Array.from({ length: readerCount }, () => breasts.map((): number | null => null)));
  const suspicion = table();
  const birads = table();
  const readings: StudyTables["readings"] = [];
  for (let reader = 0; reader < readerCount; reader++) {
    breasts.forEach(({ caseIndex, isMalignant }, breast) => {
      if (!reads(reader, caseIndex)) return;
      const noise = 15 * random.normal();
      for (const [condition, shift] of [30, 20].entries()) {
        const level = 25 + noise + (isMalignant ? shift + cases[caseIndex]!.ease : 0) + 8 * random.normal();
        const value = Math.min(100, Math.max(0, Math.round(level)));
        suspicion[condition]![reader]![breast] = value;
        birads[condition]![reader]![breast] = Math.min(8, 1 + Math.floor(value / 14));
      }
    });
    for (let caseIndex = 0; caseIndex < caseCount; caseIndex++) {
      if (!reads(reader, caseIndex)) continue;
      for (const condition of ["unaided", "aided"] as const) {
        readings.push({
          readingId: id(condition === "aided" ? 2 : 1, reader * 100_000 + caseIndex),
          readerIndex: reader,
          caseIndex,
          condition,
          durationMs: 20_000 + random.nextInt(60_000),
          mapRating:
            condition === "unaided"
              ? null
              : {
                  lesionInsideHotArea: cases[caseIndex]!.isMalignant
                    ? random.next() < 0.7
                      ? "yes"
                      : "partly"
                    : "no-lesion",
                  hasMissedLesion: random.next() < 0.1,
                  hasSpuriousAreas: random.next() < 0.4,
                  plausibility: 1 + random.nextInt(5),
                  wouldChangeRecall: random.next() < 0.2 ? "towards-recall" : "no",
                  comment: "",
                },
        });
      }
    }
  }
  return {
    readers: Array.from({ length: readerCount }, (_, reader) => {
      const caseIndices = cases.flatMap((__, caseIndex) => (reads(reader, caseIndex) ? [caseIndex] : []));
      return { readerId: id(3, reader), caseIndices, submittedCount: caseIndices.length };
    }),
    subjectIds: cases.map((_, place) => `subject-${place}`),
    breasts,
    consensusBreastCount: 0,
    aidedConsensusBreastCount: 0,
    suspicion,
    birads,
    readings,
    images: cases.map(({ isMalignant }, caseIndex) => ({
      caseIndex,
      mapId: id(4, caseIndex),
      isMalignant,
      isMarked: isMalignant,
    })),
    mapMeasures: cases.flatMap(({ isMalignant }, caseIndex) => [
      { mapId: id(4, caseIndex), target: "none", measures: JSON.stringify(mapMeasures(undefined)) },
      ...(isMalignant
        ? [
            "reference",
            ...readings.filter((one) => one.caseIndex === caseIndex).map(({ readingId }) => readingId),
          ].map((target) => ({
            mapId: id(4, caseIndex),
            target,
            measures: JSON.stringify(mapMeasures(Math.min(1, 0.3 + 0.02 * (caseIndex % 20)))),
          }))
        : []),
    ]),
    threshold: 0.5,
  };
}

const mapMeasures = (energyInside: number | undefined) => ({
  measures: {
    ...(energyInside === undefined
      ? {}
      : {
          marked: {
            pointing: energyInside > 0.4 ? 1 : 0,
            energyInside,
            overlaps: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((threshold) => ({
              threshold,
              iou: energyInside * threshold * (1 - threshold),
              dice: 2 * energyInside * threshold * (1 - threshold),
              hotShare: 1 - threshold,
            })),
            markShare: 0.05,
          },
        }),
    regions: {
      marks: energyInside === undefined ? [] : [{ hotShare: energyInside, isFound: energyInside > 0.4 }],
      missedMarkCount: energyInside === undefined || energyInside > 0.4 ? 0 : 1,
      spuriousRegionCount: 1,
    },
  },
  kinds: energyInside === undefined ? [] : ["mass"],
  outsideMarkCount: 0,
});
