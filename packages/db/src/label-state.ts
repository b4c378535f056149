import {
  labelBiradsSchema,
  unknownBreast,
  type BreastLabel,
  type CaseLabels,
} from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { densitySchema } from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";
import { fromAssessmentSourceRow, fromReferenceSourceRow } from "./reference-source-row.ts";

/** Ids of the rows in force: null where nothing is. */
interface BreastRows {
  readonly referenceId: string | null;
  readonly assessmentId: string | null;
}

/** Everything in force of one case, with the rows that say it. */
export interface LabelState {
  readonly caseId: string;
  readonly siteId: string;
  readonly version: number;
  readonly labels: CaseLabels;
  readonly rows: {
    readonly breasts: Readonly<Record<Laterality, BreastRows>>;
    readonly densityId: string | null;
  };
  /** Density that a data set brought along, in its own words and without a row of its own. */
  readonly importedDensity: { readonly value: string; readonly since: Date } | null;
}

const inForce = { supersededAt: null } as const;

/** Two statements, however many cases. */
export async function loadLabelStates(
  db: Database | Transaction,
  caseIds: readonly string[],
): Promise<Map<string, LabelState>> {
  const cases = await db.case.findMany({
    where: { id: { in: [...caseIds] } },
    select: {
      id: true,
      siteId: true,
      labelVersion: true,
      density: true,
      createdAt: true,
      referenceStandards: { where: inForce },
      assessments: { where: inForce },
    },
  });
  const states = new Map<string, LabelState>();
  for (const row of cases) {
    const ofBreast = (laterality: Laterality): { label: BreastLabel; rows: BreastRows } => {
      const reference = row.referenceStandards.find((each) => each.laterality === laterality);
      const assessment = row.assessments.find(
        (each) => each.kind === "birads" && each.laterality === laterality,
      );
      return {
        label: {
          ...unknownBreast,
          ...(reference === undefined
            ? {}
            : {
                finding: reference.finding,
                source: fromReferenceSourceRow(reference.source),
                followUpMonths: reference.followUpMonths,
                isIntervalCancer: reference.isIntervalCancer,
              }),
          birads: assessment === undefined ? null : labelBiradsSchema.parse(assessment.value),
        },
        rows: { referenceId: reference?.id ?? null, assessmentId: assessment?.id ?? null },
      };
    };
    const [right, left] = [ofBreast("R"), ofBreast("L")];
    const density = row.assessments.find((each) => each.kind === "density");
    const imported = densitySchema.safeParse(row.density);
    states.set(row.id, {
      caseId: row.id,
      siteId: row.siteId,
      version: row.labelVersion,
      labels: {
        breasts: { R: right.label, L: left.label },
        density:
          density !== undefined
            ? {
                value: densitySchema.parse(density.value),
                source: fromAssessmentSourceRow(density.source),
              }
            : // A data set brings the density along without an assessment of its own.
              imported.success
              ? { value: imported.data, source: "data-set" }
              : null,
      },
      rows: { breasts: { R: right.rows, L: left.rows }, densityId: density?.id ?? null },
      importedDensity:
        density === undefined && row.density !== null ? { value: row.density, since: row.createdAt } : null,
    });
  }
  return states;
}
