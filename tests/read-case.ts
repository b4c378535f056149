import type { MapRating, ReadingAnswers } from "@crossread/contracts/reading";
import type { Database } from "@crossread/db/database";
import { lockUnaidedReading, saveReadingDraft, submitReading } from "@crossread/db/reading-drafts";
import { openReadingCase } from "@crossread/db/readings";

export const completeAnswers: ReadingAnswers = {
  breasts: { R: { birads: "2", suspicion: 10 }, L: { birads: "4A", suspicion: 60 } },
  density: "B",
  marks: [],
  comment: "",
};
export const completeRating: MapRating = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: false,
  hasSpuriousAreas: true,
  plausibility: 4,
  wouldChangeRecall: "no",
  comment: "",
};

/** Opens a case and submits it, whatever its steps are. */
export async function readCase(
  db: Database,
  key: { readonly readerId: string; readonly assignmentId: string },
  now: Date,
) {
  const { conditions } = await openReadingCase(db, key, now);
  for (const condition of conditions) {
    const mapRating = condition === "aided" ? completeRating : {};
    const draft = { ...key, condition, answers: completeAnswers, mapRating, durationMs: 1_000, now };
    await saveReadingDraft(db, { ...draft, version: 1 });
    const end = { ...key, version: 2, durationMs: 2_000, now };
    if (condition === conditions.at(-1)) return submitReading(db, end);
    await lockUnaidedReading(db, end);
  }
  throw new Error("The case has no step");
}
