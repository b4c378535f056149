import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import type { MapRating } from "@crossread/contracts/reading";
import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { resampledSpearman } from "@crossread/metrics/rank-correlation";
import { resampledAlpha } from "@crossread/metrics/resampled-agreement";
import type { MeasureIndex } from "./map-section.ts";
import { estimates, minimumSubjects, orReason, ratio, shares, type StudyScope } from "./study-scope.ts";

type Ratings = Exclude<ReaderStudyAnalysis["mapRatings"], { undefined: string }>;

interface Rated {
  readonly reader: number;
  readonly caseIndex: number;
  readonly subjectId: string;
  readonly rating: MapRating;
}

const lesionInside = ["yes", "partly", "no", "no-lesion"] as const;
const changeRecall = ["no", "towards-recall", "towards-no-recall"] as const;

/** What readers say of the maps: how often, whether they agree, and whether plausibility follows the energy inside the marks. */
export function mapRatingSection(
  scope: StudyScope,
  measures: MeasureIndex,
): ReaderStudyAnalysis["mapRatings"] {
  return orReason(() => {
    const complete = new Set(scope.complete);
    const rated = scope.tables.readings.flatMap(
      ({ caseIndex, condition, mapRating, readerIndex }): Rated[] =>
        condition === "aided" && mapRating !== null && complete.has(readerIndex)
          ? [
              {
                reader: readerIndex,
                caseIndex,
                subjectId: scope.tables.subjectIds[caseIndex]!,
                rating: mapRating,
              },
            ]
          : [],
    );
    if (new Set(rated.map(({ subjectId }) => subjectId)).size < minimumSubjects) {
      throw new MetricInputError(
        "too-few-cases",
        `Ratings of fewer than ${minimumSubjects} patients are not shown.`,
      );
    }
    return {
      rows: [
        ratingsOf(scope, null, rated),
        ...scope.complete.map((reader) =>
          ratingsOf(
            scope,
            reader,
            rated.filter((one) => one.reader === reader),
          ),
        ),
      ],
      agreement: agreementOf(scope, rated),
      plausibilityAndEnergy: (["reference", "own-marks"] as const).map((target) =>
        correlationOf(scope, { target, rated, measures }),
      ),
    };
  });
}

function ratingsOf(
  scope: StudyScope,
  reader: number | null,
  rated: readonly Rated[],
): Ratings["rows"][number] {
  const clusterIds = rated.map(({ subjectId }) => subjectId);
  const at = (unit: number) => rated[unit]!.rating;
  const parts = shares(
    [
      ...lesionInside.map((answer) => ({
        name: `inside ${answer}` as const,
        isCounted: (unit: number) => at(unit).lesionInsideHotArea === answer,
      })),
      { name: "missed" as const, isCounted: (unit: number) => at(unit).hasMissedLesion },
      { name: "spurious" as const, isCounted: (unit: number) => at(unit).hasSpuriousAreas },
      ...changeRecall.map((answer) => ({
        name: `change ${answer}` as const,
        isCounted: (unit: number) => at(unit).wouldChangeRecall === answer,
      })),
    ],
    clusterIds,
    scope.resampling,
  );
  const plausibility = rated.map(({ rating }) => rating.plausibility);
  const mean = estimates(
    new Map([["mean", ratio(plausibility, new Uint8Array(rated.length).fill(1))]]),
    { clusterIds, reason: "There is no rating." },
    scope.resampling,
  );
  return {
    reader,
    count: rated.length,
    subjectCount: new Set(clusterIds).size,
    lesionInside: {
      yes: parts["inside yes"],
      partly: parts["inside partly"],
      no: parts["inside no"],
      "no-lesion": parts["inside no-lesion"],
    },
    missedLesion: parts.missed,
    spuriousAreas: parts.spurious,
    plausibility: [1, 2, 3, 4, 5].map((step) => plausibility.filter((one) => one === step).length),
    meanPlausibility: mean("mean"),
    changeRecall: {
      no: parts["change no"],
      "towards-recall": parts["change towards-recall"],
      "towards-no-recall": parts["change towards-no-recall"],
    },
    commentCount: rated.filter(({ rating }) => rating.comment.trim() !== "").length,
  };
}

const questions = {
  lesionInside: { size: 4, level: "nominal", of: (one) => lesionInside.indexOf(one.lesionInsideHotArea) },
  missedLesion: { size: 2, level: "nominal", of: (one) => Number(one.hasMissedLesion) },
  spuriousAreas: { size: 2, level: "nominal", of: (one) => Number(one.hasSpuriousAreas) },
  plausibility: { size: 5, level: "ordinal", of: (one) => one.plausibility - 1 },
  changeRecall: { size: 3, level: "nominal", of: (one) => changeRecall.indexOf(one.wouldChangeRecall) },
} as const satisfies Record<
  string,
  { size: number; level: "nominal" | "ordinal"; of: (rating: MapRating) => number }
>;

/** Krippendorff's α over cases: it allows that readers rated different ones. */
function agreementOf(scope: StudyScope, rated: readonly Rated[]): Ratings["agreement"] {
  const names = Object.keys(questions) as (keyof typeof questions)[];
  const { subjectIds } = scope.tables;
  const estimate = estimates(
    new Map(
      names.map((name) => {
        const { level, of, size } = questions[name];
        const table = scope.tables.readers.map(() => subjectIds.map((): number | null => null));
        for (const { caseIndex, rating, reader } of rated) table[reader]![caseIndex] = of(rating);
        return [name, resampledAlpha(table, size, level)] as const;
      }),
    ),
    {
      clusterIds: subjectIds,
      reason: "α has no value: every rating is the same, or no case was rated by two readers.",
    },
    scope.resampling,
  );
  return names.map((question) => ({ question, alpha: estimate(question) }));
}

/** Over the ratings of cases with a mark: energy inside, mean over the case's marked images. Own marks are the unaided ones. */
function correlationOf(
  scope: StudyScope,
  asked: {
    readonly target: "reference" | "own-marks";
    readonly rated: readonly Rated[];
    readonly measures: MeasureIndex;
  },
): Ratings["plausibilityAndEnergy"][number] {
  const { measures, rated, target } = asked;
  const mapsOf = new Map<number, string[]>();
  for (const { caseIndex, isMalignant, mapId } of scope.tables.images) {
    if (mapId === null || (target === "reference" && isMalignant !== true)) continue;
    mapsOf.set(caseIndex, [...(mapsOf.get(caseIndex) ?? []), mapId]);
  }
  const unaided = new Map(
    scope.tables.readings
      .filter(({ condition }) => condition === "unaided")
      .map(({ caseIndex, readerIndex, readingId }) => [`${readerIndex} ${caseIndex}`, readingId]),
  );
  const pairs = rated.flatMap(({ caseIndex, rating, reader, subjectId }) => {
    const marks = target === "reference" ? target : unaided.get(`${reader} ${caseIndex}`);
    if (marks === undefined) return [];
    const energies = (mapsOf.get(caseIndex) ?? []).flatMap((mapId) => {
      const marked = measures.find(mapId, marks)?.measures?.marked;
      return marked === undefined ? [] : [marked.energyInside];
    });
    if (energies.length === 0) return [];
    const energy = energies.reduce((sum, value) => sum + value, 0) / energies.length;
    return [{ subjectId, plausibility: rating.plausibility, energy }];
  });
  const clusterIds = pairs.map(({ subjectId }) => subjectId);
  if (new Set(clusterIds).size < minimumSubjects) {
    return {
      target,
      count: pairs.length,
      correlation: {
        undefined: `Ratings of fewer than ${minimumSubjects} patients with a mark are not shown.`,
      },
    };
  }
  const estimate = estimates(
    new Map([
      [
        "correlation",
        resampledSpearman(
          pairs.map(({ plausibility }) => plausibility),
          pairs.map(({ energy }) => energy),
        ),
      ],
    ]),
    { clusterIds, reason: "A rank correlation has no value: plausibility or energy is always the same." },
    scope.resampling,
  );
  return { target, count: pairs.length, correlation: estimate("correlation") };
}
