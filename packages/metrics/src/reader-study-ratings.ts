import { assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

/** Every reader rates every case under every condition. */
export interface ReaderStudyRatings {
  /** T names, e.g. "unaided", "aided". */
  readonly conditions: readonly string[];
  /** R names. */
  readonly readers: readonly string[];
  /** Reference standard, shape [N]; 1 = malignant. */
  readonly labels: Numbers;
  /** Shape [T][R][N], finite; larger = more suspicious; null where a reading is missing, which no analysis accepts. */
  readonly ratings: readonly (readonly (readonly (number | null)[])[])[];
  /** The subject of each case, shape [N]; absent where every case is a subject of their own. */
  readonly clusterIds?: readonly string[];
}

/**
 * Refuses what has no reader-by-condition analysis, in the order in which a person would look for the fault.
 *
 * @throws {MetricInputError} "too-few-conditions" if T < 2; "too-few-readers" if R < 1; "empty"; "label-invalid";
 *   "one-class" if no case or every case is malignant; "length-mismatch"; "missing-rating", naming reader, condition and
 *   case index; "not-finite"; "duplicate-subject" if a name of a reader or condition occurs twice
 */
export function assertReaderStudyRatings(study: ReaderStudyRatings): void {
  assertRatingTables(study);
  study.ratings.forEach((byReader, condition) =>
    byReader.forEach((byCase, reader) => {
      const missing = byCase.indexOf(null);
      if (missing === -1) return;
      throw new MetricInputError(
        "missing-rating",
        `Case ${missing} was not rated by reader ${study.readers[reader]} under ${study.conditions[condition]}.`,
      );
    }),
  );
}

/** As `assertReaderStudyRatings`, but a rating may be missing. */
export function assertRatingTables(study: ReaderStudyRatings): void {
  const { conditions, readers, labels, ratings } = study;
  if (conditions.length < 2) {
    throw new MetricInputError(
      "too-few-conditions",
      `A comparison of conditions needs two, got ${conditions.length}.`,
    );
  }
  if (readers.length < 1) throw new MetricInputError("too-few-readers", "A reader study needs a reader.");
  for (const [kind, names] of [
    ["condition", conditions],
    ["reader", readers],
  ] as const) {
    if (new Set(names).size !== names.length) {
      throw new MetricInputError("duplicate-subject", `A ${kind} is named twice: ${names.join(", ")}.`);
    }
  }
  assertBothClasses(labels);
  if (study.clusterIds !== undefined) assertSameLength("cluster ids", study.clusterIds, labels.length);
  assertSameLength("conditions with ratings", ratings, conditions.length);
  ratings.forEach((byReader, condition) => {
    assertSameLength(`readers with ratings under ${conditions[condition]}`, byReader, readers.length);
    byReader.forEach((byCase, reader) => {
      const cell = `reader ${readers[reader]} under ${conditions[condition]}`;
      assertSameLength(`ratings of ${cell}`, byCase, labels.length);
      assertRatings(byCase, cell);
    });
  });
}

function assertBothClasses(labels: Numbers): void {
  if (labels.length === 0) throw new MetricInputError("empty", "A reader study needs cases, got none.");
  let malignant = 0;
  for (let index = 0; index < labels.length; index++) {
    if (labels[index] !== 0 && labels[index] !== 1) {
      throw new MetricInputError(
        "label-invalid",
        `Every label must be 0 or 1, got ${labels[index]} at index ${index}.`,
      );
    }
    malignant += labels[index]!;
  }
  if (malignant === 0 || malignant === labels.length) {
    throw new MetricInputError(
      "one-class",
      `A reader study needs both classes, got ${malignant} malignant of ${labels.length} cases.`,
    );
  }
}

function assertRatings(ratings: readonly (number | null)[], cell: string): void {
  for (const [index, rating] of ratings.entries()) {
    if (rating !== null && !Number.isFinite(rating)) {
      throw new MetricInputError("not-finite", `Case ${index} was rated ${rating} by ${cell}.`);
    }
  }
}

/** One subject per case where none are named. */
export function clusterIdsOf(study: ReaderStudyRatings): readonly string[] {
  return study.clusterIds ?? Array.from({ length: study.labels.length }, (_, index) => String(index));
}
