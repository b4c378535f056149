import studies from "./studies.json" with { type: "json" };
import type { ReaderStudyRatings } from "../../src/reader-study-ratings.ts";

const digits = (text: string) => Array.from(text, Number);

/** The Van Dyke or the Franken study; see golden/mrmc/PROVENANCE.md. */
export function publishedStudy(name: string): ReaderStudyRatings {
  const { labels, ratings } = studies[name as keyof typeof studies];
  return {
    conditions: ["treatment 1", "treatment 2"],
    readers: ratings[0]!.map((_, reader) => `reader ${reader + 1}`),
    labels: digits(labels),
    ratings: ratings.map((rows) => rows.map(digits)),
  };
}
