import type { ReaderMark } from "@crossread/contracts/reader-mark";
import type { ReadingAnswers } from "@crossread/contracts/reading";
import { canonicalJson } from "./canonical-json.ts";

/** Where a mark of a decision comes from: a reading as it was or changed, or the arbitrator. */
export interface MarkOrigin {
  readonly markId: string;
  readonly origin: "kept" | "changed" | "drawn";
  /** Whose mark it was; null where the arbitrator drew it. */
  readonly readerName: string | null;
}

/** A mark that was taken over keeps its id, so that the decision says whose it was. */
export function originsOf(
  marks: readonly ReaderMark[],
  readings: readonly { readonly readerName: string; readonly answers: Pick<ReadingAnswers, "marks"> }[],
): MarkOrigin[] {
  return marks.map((mark) => {
    const same = readings.flatMap(({ answers, readerName }) =>
      answers.marks.filter(({ markId }) => markId === mark.markId).map((from) => ({ from, readerName })),
    );
    const [first] = same;
    if (first === undefined) return { markId: mark.markId, origin: "drawn", readerName: null };
    const isKept = same.some(({ from }) => contentOf(from) === contentOf(mark));
    return { markId: mark.markId, origin: isKept ? "kept" : "changed", readerName: first.readerName };
  });
}

const contentOf = (mark: ReaderMark): string => canonicalJson(JSON.parse(JSON.stringify(mark)));
