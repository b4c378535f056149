import { z } from "zod";
import { findingSchema, lateralitySchema, type Finding, type Laterality } from "./dataset-manifest.ts";
import { densitySchema } from "./reading.ts";

/** How truth was established. */
export const referenceSourceSchema = z.enum(["pathology", "follow-up", "reader-consensus", "data-set"]);
export type ReferenceSource = z.infer<typeof referenceSourceSchema>;

/** Who said the density; a vendor's software is not a reader. */
export const assessmentSourceSchema = z.enum(["reader", "vendor", "data-set"]);
export type AssessmentSource = z.infer<typeof assessmentSourceSchema>;

/** As a reading has it, or category 4 of reports that do not subdivide it; it is never guessed which letter it is. */
export const labelBiradsOrder = ["0", "1", "2", "3", "4", "4A", "4B", "4C", "5", "6"] as const;
export const labelBiradsSchema = z.enum(labelBiradsOrder);
export type LabelBirads = z.infer<typeof labelBiradsSchema>;

export const followUpMonthsSchema = z.int().min(1).max(240);

/** Everything that is known of one breast: null is not known, and stays so until somebody says it. */
export const breastLabelSchema = z.strictObject({
  finding: findingSchema.nullable(),
  source: referenceSourceSchema.nullable(),
  /** How long nothing came up; with source follow-up only. */
  followUpMonths: followUpMonthsSchema.nullable(),
  /** What the reader said at the time of the study; an assessment, never truth. */
  birads: labelBiradsSchema.nullable(),
  isIntervalCancer: z.boolean(),
});
export type BreastLabel = z.infer<typeof breastLabelSchema>;

export const densityLabelSchema = z.strictObject({ value: densitySchema, source: assessmentSourceSchema });
export type DensityLabel = z.infer<typeof densityLabelSchema>;

export const caseLabelsSchema = z.strictObject({
  breasts: z.record(lateralitySchema, breastLabelSchema),
  density: densityLabelSchema.nullable(),
});
export type CaseLabels = z.infer<typeof caseLabelsSchema>;

export const unknownBreast: BreastLabel = {
  finding: null,
  source: null,
  followUpMonths: null,
  birads: null,
  isIntervalCancer: false,
};

export interface LabelProblem {
  /** An error keeps the label from being stored; a warning is shown and stored with it. */
  readonly severity: "error" | "warning";
  readonly field: keyof BreastLabel;
  readonly message: string;
}

const shortFollowUpMonths = 12;
const usualFollowUpMonths = 24;

/** The rules of the label of one breast; docs/labels.md says why. */
export function labelProblems(label: BreastLabel): LabelProblem[] {
  return [...sourceProblems(label), ...followUpProblems(label), ...biradsProblems(label)];
}

function sourceProblems({ finding, source, isIntervalCancer }: BreastLabel): LabelProblem[] {
  const problems: LabelProblem[] = [];
  if (finding !== null && source === null) {
    problems.push(
      error("source", "A finding needs its source: pathology, follow-up, reader consensus or data set."),
    );
  }
  if (finding === null && source !== null) {
    problems.push(error("finding", `The source "${source}" is given without a finding.`));
  }
  if (isIntervalCancer && finding !== "malignant") {
    problems.push(
      error("isIntervalCancer", "An interval cancer is a malignant finding; this breast has none."),
    );
  }
  if (finding === "malignant" && (source === "follow-up" || source === "reader-consensus")) {
    problems.push(warning("source", "A malignant finding is normally proven by pathology."));
  }
  return problems;
}

function followUpProblems({ finding, source, followUpMonths }: BreastLabel): LabelProblem[] {
  if (source !== "follow-up") {
    return followUpMonths === null
      ? []
      : [error("followUpMonths", "Months of follow-up go with the source follow-up only.")];
  }
  if (followUpMonths === null) {
    return [error("followUpMonths", "Follow-up needs its length in months: without it nothing is known.")];
  }
  if (finding === "malignant" || followUpMonths >= usualFollowUpMonths) return [];
  if (followUpMonths >= shortFollowUpMonths) {
    return [
      warning("followUpMonths", `${followUpMonths} months: most studies ask for ${usualFollowUpMonths}.`),
    ];
  }
  return [
    warning(
      "followUpMonths",
      `${followUpMonths} months are under a year: a cancer may not have shown yet, and this breast counts as ${finding ?? "unknown"}.`,
    ),
  ];
}

function biradsProblems({ birads, finding, source }: BreastLabel): LabelProblem[] {
  if (birads === null) return [];
  const isNegative = finding === "normal" || finding === "benign";
  const isReader = source === "reader-consensus";
  if (birads === "6") {
    if (isReader) {
      return [
        error(
          "birads",
          "BI-RADS 6 says that a biopsy proved the cancer before: it cannot be what readers found here.",
        ),
      ];
    }
    if (finding === null) {
      return [
        warning("birads", "BI-RADS 6 says that a cancer is proven: enter the finding with its pathology."),
      ];
    }
    return finding === "malignant"
      ? []
      : [error("birads", `BI-RADS 6 is a known malignancy, but the finding is ${finding}.`)];
  }
  if (isReader && isNegative && birads !== "1" && birads !== "2") {
    return [error("birads", `${meaning(birads)}: it is no negative without pathology or follow-up.`)];
  }
  if (isReader && finding === "malignant" && !birads.startsWith("4") && birads !== "5") {
    return [error("birads", `Readers who found a malignancy would not say BI-RADS ${birads}.`)];
  }
  if (birads === "1" && finding === "benign") {
    return [warning("birads", "BI-RADS 1 is a breast without a finding, but the finding is benign.")];
  }
  return [];
}

function meaning(birads: string): string {
  if (birads === "0") return "BI-RADS 0 is an examination that is not complete";
  if (birads === "3") return "BI-RADS 3 is probably benign, to be followed";
  return `BI-RADS ${birads} is suspicious`;
}

const error = (field: keyof BreastLabel, message: string): LabelProblem => ({
  severity: "error",
  field,
  message,
});
const warning = (field: keyof BreastLabel, message: string): LabelProblem => ({
  severity: "warning",
  field,
  message,
});

export const labelStateSchema = z.enum(["malignant", "benign", "normal", "incomplete", "unlabelled"]);
export type LabelState = z.infer<typeof labelStateSchema>;

export const caseLabelRule =
  "Malignant if either breast is. Otherwise the worst breast, once every imaged breast has a reference standard. Before that, incomplete.";

/** The label of a case, from its breasts and from which of them are imaged. */
export function caseLabelState(
  findings: Readonly<Record<Laterality, Finding | null>>,
  imaged: readonly Laterality[],
): LabelState {
  const known = Object.values(findings).filter((finding) => finding !== null);
  if (known.includes("malignant")) return "malignant";
  if (known.length === 0) return "unlabelled";
  if (imaged.some((laterality) => findings[laterality] === null)) return "incomplete";
  return known.includes("benign") ? "benign" : "normal";
}
