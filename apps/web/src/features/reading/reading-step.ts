import type { Condition } from "@crossread/contracts/reading";
import type { OpenedCase } from "./reading-room.tsx";

export interface ReadingStep {
  readonly condition: Condition;
  readonly stored: NonNullable<OpenedCase["unaided"]>;
  /** Whether the case is submitted after this step; else it is locked and read again with the aid. */
  readonly isLast: boolean;
}

/** The step of a case that is open; undefined where everything of it is locked. */
export function readingStepOf(readCase: OpenedCase): ReadingStep | undefined {
  for (const condition of readCase.conditions) {
    const stored = readCase[condition];
    if (stored !== null && !stored.isLocked) {
      return { condition, stored, isLast: condition === readCase.conditions.at(-1) };
    }
  }
  return undefined;
}
