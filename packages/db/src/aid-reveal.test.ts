import { describe, expect, test } from "vitest";
import { isAidShown, isMapShown, type AidAssignment } from "./aid-reveal.ts";

const assignment = (changed: Partial<AidAssignment> = {}): AidAssignment => ({
  assignmentId: "a",
  readerStudyId: "study",
  checkpointId: "checkpoint",
  period: 1,
  condition: null,
  isSubmitted: false,
  isRevealed: true,
  isAccepted: true,
  isPending: true,
  ...changed,
});
const submitted = { isSubmitted: true, isPending: false };
const blind = { isRevealed: false };

describe("the aid of an assignment", () => {
  test("is shown in its own aided step, and to nobody who does not read in it any more", () => {
    const own = assignment();
    expect(isAidShown(own, [own])).toBe(true);
    for (const change of [blind, { isAccepted: false }]) {
      const hidden = assignment(change);
      expect(isAidShown(hidden, [hidden]), JSON.stringify(change)).toBe(false);
    }
  });

  test("is shown after it, unless the same person still has to read the case without", () => {
    const done = assignment(submitted);
    const other = assignment({ assignmentId: "b", readerStudyId: "other", ...blind });
    expect(isAidShown(done, [done])).toBe(true);
    expect(isAidShown(done, [done, other])).toBe(false);
    expect(isAidShown(done, [done, { ...other, isPending: false }])).toBe(true);
    expect(isAidShown(done, [done, { ...other, isRevealed: true }])).toBe(true);
    // The step that is open goes on: it was begun before anybody knew of the other.
    expect(isAidShown(assignment(), [assignment(), other])).toBe(true);
  });
});

describe("a map", () => {
  test("is that of the study's model", () => {
    const own = assignment();
    expect(isMapShown("checkpoint", [own])).toBe(true);
    expect(isMapShown("another", [own])).toBe(false);
  });

  test("is kept away by a blind reading in another study, and by an earlier one in the same", () => {
    const shown = assignment({ period: 2, condition: "aided" });
    const same = { assignmentId: "b", condition: "unaided" as const, ...blind };
    expect(isMapShown("checkpoint", [shown, assignment({ ...same, period: 3 })])).toBe(true);
    expect(isMapShown("checkpoint", [shown, assignment({ ...same, period: 1 })])).toBe(false);
    const elsewhere = assignment({ ...same, readerStudyId: "other", period: 3 });
    expect(isMapShown("checkpoint", [shown, elsewhere])).toBe(false);
  });
});
