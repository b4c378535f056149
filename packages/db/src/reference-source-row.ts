import type { AssessmentSource, ReferenceSource } from "@crossread/contracts/breast-label";
import type {
  AssessmentSource as AssessmentSourceRow,
  ReferenceSource as ReferenceSourceRow,
} from "./generated/enums.ts";

/** An enum member of Prisma cannot hold the hyphens of the contract. */
const referenceRows = {
  pathology: "pathology",
  "follow-up": "follow_up",
  "reader-consensus": "reader_consensus",
  "data-set": "data_set",
} as const satisfies Record<ReferenceSource, ReferenceSourceRow>;

export const toReferenceSourceRow = (source: ReferenceSource): ReferenceSourceRow => referenceRows[source];

export function fromReferenceSourceRow(row: ReferenceSourceRow): ReferenceSource {
  switch (row) {
    case "follow_up":
      return "follow-up";
    case "reader_consensus":
      return "reader-consensus";
    case "data_set":
      return "data-set";
    case "pathology":
      return row;
  }
}

export const toAssessmentSourceRow = (source: AssessmentSource): AssessmentSourceRow =>
  source === "data-set" ? "data_set" : source;

export const fromAssessmentSourceRow = (row: AssessmentSourceRow): AssessmentSource =>
  row === "data_set" ? "data-set" : row;
