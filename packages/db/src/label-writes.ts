import { randomUUID } from "node:crypto";
import type { BreastLabel, CaseLabels } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { JsonValue } from "./canonical-json.ts";
import type { Transaction } from "./database.ts";
import type { Prisma } from "./generated/client.ts";
import type { LabelState } from "./label-state.ts";
import { toAssessmentSourceRow, toReferenceSourceRow } from "./reference-source-row.ts";

export const lateralities = ["R", "L"] as const satisfies readonly Laterality[];

/** One case on its way from what is in force to what shall be. */
export interface LabelChange {
  readonly state: LabelState;
  readonly next: CaseLabels;
}

export interface LabelWrite {
  readonly actorId: string;
  readonly at: Date;
  readonly reason: string;
  readonly importId: string | null;
  /** Where readers made the reference standard: their study and, unless they were unanimous, the arbitration. */
  readonly consensus?: ConsensusSource;
}

export interface ConsensusSource {
  readonly readerStudyId: string;
  readonly arbitrationId: string | null;
}

const hasOtherReference = (a: BreastLabel, b: BreastLabel) =>
  a.finding !== b.finding ||
  a.source !== b.source ||
  a.followUpMonths !== b.followUpMonths ||
  a.isIntervalCancer !== b.isIntervalCancer;

const hasOtherDensity = (a: CaseLabels, b: CaseLabels) =>
  a.density?.value !== b.density?.value || a.density?.source !== b.density?.source;

/** Values before and after, field by field, for the audit log; empty where nothing changes. */
export function labelDifferences({ state, next }: LabelChange): Record<string, JsonValue> {
  const differences: Record<string, JsonValue> = {};
  for (const laterality of lateralities) {
    const [from, to] = [state.labels.breasts[laterality], next.breasts[laterality]];
    if (hasOtherReference(from, to) || from.birads !== to.birads) {
      differences[laterality] = { from: { ...from }, to: { ...to } };
    }
  }
  if (hasOtherDensity(state.labels, next)) {
    differences["density"] = {
      from: state.labels.density === null ? null : { ...state.labels.density },
      to: next.density === null ? null : { ...next.density },
    };
  }
  return differences;
}

/** Supersedes what changes, puts the new rows in force and raises the version of each case; as many statements for one case as for thousands. */
export async function writeLabelChanges(
  tx: Transaction,
  changes: readonly LabelChange[],
  write: LabelWrite,
): Promise<void> {
  const references: Prisma.ReferenceStandardCreateManyInput[] = [];
  const assessments: Prisma.AssessmentCreateManyInput[] = [];
  const supersededReferences: string[] = [];
  const supersededAssessments: string[] = [];
  const densities = new Map<string | null, string[]>();
  const made = {
    reason: write.reason,
    createdBy: write.actorId,
    createdAt: write.at,
    importId: write.importId,
  };
  for (const { state, next } of changes) {
    const { caseId } = state;
    for (const laterality of lateralities) {
      const [from, to] = [state.labels.breasts[laterality], next.breasts[laterality]];
      const { referenceId, assessmentId } = state.rows.breasts[laterality];
      if (hasOtherReference(from, to)) {
        if (referenceId !== null) supersededReferences.push(referenceId);
        if (to.finding !== null && to.source !== null) {
          references.push({
            ...made,
            caseId,
            laterality,
            finding: to.finding,
            source: toReferenceSourceRow(to.source),
            followUpMonths: to.followUpMonths,
            isIntervalCancer: to.isIntervalCancer,
            replacesId: referenceId,
            ...write.consensus,
          });
        }
      }
      if (from.birads !== to.birads) {
        if (assessmentId !== null) supersededAssessments.push(assessmentId);
        if (to.birads !== null) {
          assessments.push({
            ...made,
            caseId,
            laterality,
            kind: "birads",
            value: to.birads,
            source: "reader",
            replacesId: assessmentId,
          });
        }
      }
    }
    if (hasOtherDensity(state.labels, next)) {
      const densityId = state.rows.densityId ?? (await keepImportedDensity(tx, state, write));
      if (state.rows.densityId !== null) supersededAssessments.push(state.rows.densityId);
      const value = next.density?.value ?? null;
      densities.set(value, [...(densities.get(value) ?? []), caseId]);
      if (next.density !== null) {
        assessments.push({
          ...made,
          caseId,
          laterality: null,
          kind: "density",
          value: next.density.value,
          source: toAssessmentSourceRow(next.density.source),
          replacesId: densityId,
        });
      }
    }
  }
  const superseded = {
    supersededAt: write.at,
    supersededBy: write.actorId,
    supersededReason: write.reason,
  };
  await tx.referenceStandard.updateMany({ where: { id: { in: supersededReferences } }, data: superseded });
  await tx.assessment.updateMany({ where: { id: { in: supersededAssessments } }, data: superseded });
  const inherited = write.consensus === undefined ? await inheritConsensus(tx, references) : [];
  await tx.referenceStandard.createMany({ data: references });
  await tx.consensusReading.createMany({ data: inherited });
  await tx.assessment.createMany({ data: assessments });
  for (const [density, caseIds] of densities) {
    await tx.case.updateMany({ where: { id: { in: caseIds } }, data: { density } });
  }
  await tx.case.updateMany({
    where: { id: { in: changes.map(({ state }) => state.caseId) } },
    data: { labelVersion: { increment: 1 } },
  });
}

/**
 * A consensus that comes back, by an undone import or a corrected detail, still is of the readings it was made from:
 * without them it would seem fit to score its own readers. Gives each such row its origin and returns the readings.
 */
async function inheritConsensus(
  tx: Transaction,
  references: Prisma.ReferenceStandardCreateManyInput[],
): Promise<Prisma.ConsensusReadingCreateManyInput[]> {
  const returning = references.filter(({ source }) => source === "reader_consensus");
  if (returning.length === 0) return [];
  const earlier = await tx.referenceStandard.findMany({
    where: {
      caseId: { in: returning.map(({ caseId }) => caseId) },
      source: "reader_consensus",
      readerStudyId: { not: null },
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    include: { consensus: { select: { readingId: true } } },
  });
  return returning.flatMap((row) => {
    const { caseId, finding, laterality } = row;
    const origin = earlier.find(
      (each) => each.caseId === caseId && each.laterality === laterality && each.finding === finding,
    );
    if (origin === undefined) return [];
    row.id = randomUUID();
    row.readerStudyId = origin.readerStudyId;
    row.arbitrationId = origin.arbitrationId;
    const referenceStandardId = row.id;
    return origin.consensus.map(({ readingId }) => ({ referenceStandardId, readingId }));
  });
}

/** A density without a row of its own gets one as history, so that it can be shown and restored. */
async function keepImportedDensity(
  tx: Transaction,
  { caseId, importedDensity }: LabelState,
  write: LabelWrite,
): Promise<string | null> {
  if (importedDensity === null) return null;
  const kept = await tx.assessment.create({
    data: {
      caseId,
      kind: "density",
      value: importedDensity.value,
      source: "data_set",
      createdAt: importedDensity.since,
      supersededAt: write.at,
      supersededBy: write.actorId,
      supersededReason: write.reason,
    },
    select: { id: true },
  });
  return kept.id;
}
