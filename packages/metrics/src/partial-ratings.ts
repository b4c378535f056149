/** Ratings of a study in which not every reader read every case. */
import type { FigureOfMerit } from "./figure-of-merit.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { assertRatingTables, type ReaderStudyRatings } from "./reader-study-ratings.ts";

/** Shape [R][N]: cases that the reader rated under every condition. */
export function readCases({ ratings, readers, labels }: ReaderStudyRatings): boolean[][] {
  return readers.map((_, reader) =>
    Array.from({ length: labels.length }, (__, index) =>
      ratings.every((byReader) => byReader[reader]![index] !== null),
    ),
  );
}

export interface CaseCounts {
  readonly diseased: number;
  readonly nonDiseased: number;
}

/** Shape [R]. */
export function caseCountsOf(study: ReaderStudyRatings): CaseCounts[] {
  return readCases(study).map((reads) => {
    const diseased = reads.filter((isRead, index) => isRead && study.labels[index] === 1).length;
    return { diseased, nonDiseased: reads.filter(Boolean).length - diseased };
  });
}

/**
 * Every reader read a case of each class that the figure uses, and did not give all of them one rating.
 *
 * @throws {MetricInputError} all of `assertReaderStudyRatings` but "missing-rating"; "one-class" and "constant-ratings",
 *   naming the reader
 */
export function assertPartialRatings(study: ReaderStudyRatings, figure: FigureOfMerit): void {
  assertRatingTables(study);
  const isRead = readCases(study);
  caseCountsOf(study).forEach(({ diseased, nonDiseased }, reader) => {
    const name = study.readers[reader];
    if (
      (figure.uses !== "non-diseased" && diseased === 0) ||
      (figure.uses !== "diseased" && nonDiseased === 0)
    ) {
      throw new MetricInputError(
        "one-class",
        `Reader ${name} read ${diseased} malignant and ${nonDiseased} other cases under every condition: ${figure.name} has no value.`,
      );
    }
    if (figure.uses !== "both") return;
    study.ratings.forEach((byReader, condition) => {
      const own = byReader[reader]!.filter((_, index) => isRead[reader]![index]);
      if (own.some((rating) => rating !== own[0])) return;
      throw new MetricInputError(
        "constant-ratings",
        `Reader ${name} under ${study.conditions[condition]} gave every case the rating ${own[0]}: there is no order to judge.`,
      );
    });
  });
}
