import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { selectAidedReading } from "./consensus-provenance.ts";
import type { Database } from "./database.ts";
import { toSplitRow } from "./split-row.ts";

/** One image of a cohort with the reference finding of the breast that it shows. */
export interface CohortImage {
  readonly instanceId: string;
  readonly sopInstanceUid: string;
  readonly caseId: string;
  readonly subjectId: string;
  readonly siteId: string;
  readonly split: Split;
  readonly laterality: Laterality;
  readonly view: View;
  readonly blobKey: string;
  readonly sha256: string;
  readonly finding: Finding;
  /** The finding is a consensus of readers who saw a model's aid. */
  readonly isAidedConsensus: boolean;
}

export interface CohortImageFilter {
  readonly cohortId: string;
  readonly splits: readonly Split[];
  /** All sites where absent. */
  readonly siteId?: string;
}

/** Images whose breast has a reference standard in force, by SOP Instance UID: the same order on every platform. */
export async function listCohortImages(db: Database, filter: CohortImageFilter): Promise<CohortImage[]> {
  const images: CohortImage[] = [];
  for (const split of filter.splits) {
    const cases = await db.cohortCase.findMany({
      where: {
        cohortId: filter.cohortId,
        split: toSplitRow(split),
        ...(filter.siteId === undefined ? {} : { case: { siteId: filter.siteId } }),
      },
      select: {
        subjectId: true,
        case: {
          select: {
            id: true,
            siteId: true,
            referenceStandards: {
              where: { supersededAt: null },
              select: { laterality: true, finding: true, consensus: selectAidedReading },
            },
            instances: {
              select: {
                id: true,
                sopInstanceUid: true,
                laterality: true,
                view: true,
                blobKey: true,
                sha256: true,
              },
            },
          },
        },
      },
    });
    for (const row of cases) {
      for (const { id, ...instance } of row.case.instances) {
        const standard = row.case.referenceStandards.find(
          ({ laterality }) => laterality === instance.laterality,
        );
        if (standard === undefined) continue;
        images.push({
          instanceId: id,
          ...instance,
          caseId: row.case.id,
          subjectId: row.subjectId,
          siteId: row.case.siteId,
          split,
          finding: standard.finding,
          isAidedConsensus: standard.consensus.length > 0,
        });
      }
    }
  }
  return images.toSorted((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
}

export interface CohortRow {
  readonly cohortId: string;
  readonly name: string;
  readonly seed: number;
  readonly digest: string;
}

/** Only a frozen cohort may be trained or evaluated on. */
export async function loadFrozenCohort(db: Database, cohortId: string): Promise<CohortRow> {
  const cohort = await db.cohort.findUnique({
    where: { id: cohortId },
    select: { name: true, seed: true, digest: true },
  });
  if (cohort === null) throw new DomainError("not-found", `There is no cohort ${cohortId}.`);
  const { digest } = cohort;
  if (digest === null) {
    throw new DomainError(
      "cohort-invalid",
      `A frozen cohort is needed, but cohort "${cohort.name}" is not frozen.`,
    );
  }
  return { cohortId, name: cohort.name, seed: cohort.seed, digest };
}
