import { DomainError } from "@crossread/contracts/errors";
import {
  defaultReaderStudySettings,
  type ReaderStudySettings,
} from "@crossread/contracts/reader-study-settings";
import type { Split } from "@crossread/contracts/split";
import type { Database, Transaction } from "./database.ts";
import { allocateReadings, type PlannedReading } from "./reader-allocation.ts";
import { drawCases, type DrawableCase } from "./reader-case-draw.ts";
import type { ReaderAllocation as ReaderAllocationRow } from "./generated/enums.ts";
import { toSplitRow } from "./split-row.ts";

export interface ReaderStudyPlan {
  readonly name: string;
  readonly cohortId: string;
  readonly checkpointId: string;
  readonly split: Split;
  readonly readerIds: readonly string[];
  /** At most this many cases, drawn in turn from the strata site × reference finding. */
  readonly caseLimit: number;
  readonly seed: number;
  readonly createdBy: string | null;
  /** Sequential and fully crossed unless given. */
  readonly settings?: ReaderStudySettings;
}

export const settingsOf = (plan: Pick<ReaderStudyPlan, "settings">): ReaderStudySettings =>
  plan.settings ?? defaultReaderStudySettings;

export const toAllocationRow = (allocation: ReaderStudySettings["allocation"]): ReaderAllocationRow => {
  switch (allocation) {
    case "fully-crossed":
      return "fully_crossed";
    case "split-plot":
      return "split_plot";
    case "double-reading":
      return "double_reading";
  }
};

export const fromAllocationRow = (allocation: ReaderAllocationRow): ReaderStudySettings["allocation"] => {
  switch (allocation) {
    case "fully_crossed":
      return "fully-crossed";
    case "split_plot":
      return "split-plot";
    case "double_reading":
      return "double-reading";
  }
};

/** Columns of a study that the plan decides. */
export const planColumns = (plan: ReaderStudyPlan) => {
  const { allocation, ...settings } = settingsOf(plan);
  return {
    name: plan.name,
    cohortId: plan.cohortId,
    checkpointId: plan.checkpointId,
    split: toSplitRow(plan.split),
    caseLimit: plan.caseLimit,
    seed: plan.seed,
    allocation: toAllocationRow(allocation),
    ...settings,
  };
};

/** Writes readers and their readings for a study that has none; returns how many cases were drawn. */
export async function writeShares(
  tx: Transaction,
  readerStudyId: string,
  plan: ReaderStudyPlan,
): Promise<{ caseCount: number }> {
  assertPlan(plan);
  const cases = await drawPlannedCases(tx, plan);
  await assertReaders(tx, plan.readerIds, new Set(cases.map(({ siteId }) => siteId)));
  const { allocation, design, groupCount } = settingsOf(plan);
  const shares = allocateReadings({
    allocation,
    design,
    groupCount,
    cases,
    readerCount: plan.readerIds.length,
    seed: plan.seed,
  });
  await tx.readerStudyReader.createMany({
    data: plan.readerIds.map((readerId, place) => ({
      readerStudyId,
      readerId,
      place,
      groupIndex: shares[place]?.groupIndex ?? null,
    })),
  });
  for (const [place, readerId] of plan.readerIds.entries()) {
    await writeReadings(tx, { readerStudyId, readerId }, shares[place]?.readings ?? []);
  }
  return { caseCount: cases.length };
}

export async function writeReadings(
  tx: Transaction,
  key: { readonly readerStudyId: string; readonly readerId: string },
  readings: readonly PlannedReading[],
): Promise<void> {
  await tx.readingAssignment.createMany({ data: readings.map((reading) => ({ ...key, ...reading })) });
}

function assertPlan(plan: ReaderStudyPlan): void {
  if (plan.readerIds.length === 0) {
    throw new DomainError("plan-invalid", "A reader study needs at least one reader, but none was given.");
  }
  if (new Set(plan.readerIds).size !== plan.readerIds.length) {
    throw new DomainError(
      "plan-invalid",
      "A reader study names every reader once, but a reader was given twice.",
    );
  }
  if (!Number.isInteger(plan.caseLimit) || plan.caseLimit < 1) {
    throw new DomainError(
      "plan-invalid",
      `A reader study needs a case limit of at least 1, but got ${plan.caseLimit}.`,
    );
  }
}

export interface SitedCase extends DrawableCase {
  readonly siteId: string;
  readonly isMalignant: boolean;
}

/** The cases of a plan in the order of the draw. */
export async function drawPlannedCases(
  db: Database | Transaction,
  plan: Pick<ReaderStudyPlan, "cohortId" | "checkpointId" | "split" | "caseLimit" | "seed">,
): Promise<SitedCase[]> {
  const cases = await loadDrawableCases(db, plan);
  const byId = new Map(cases.map((drawable) => [drawable.caseId, drawable]));
  return drawCases(cases, plan.caseLimit, plan.seed).flatMap((caseId) => byId.get(caseId) ?? []);
}

async function loadDrawableCases(
  db: Database | Transaction,
  plan: Pick<ReaderStudyPlan, "cohortId" | "checkpointId" | "split">,
): Promise<SitedCase[]> {
  const cohort = await db.cohort.findUnique({
    where: { id: plan.cohortId },
    select: { name: true, frozenAt: true },
  });
  if (cohort === null) throw new DomainError("not-found", `There is no cohort ${plan.cohortId}.`);
  if (cohort.frozenAt === null) {
    throw new DomainError(
      "cohort-invalid",
      `A reader study needs a frozen cohort, but cohort "${cohort.name}" is not frozen.`,
    );
  }
  if ((await db.checkpoint.count({ where: { id: plan.checkpointId } })) === 0) {
    throw new DomainError("not-found", `There is no checkpoint ${plan.checkpointId}.`);
  }
  const rows = await db.cohortCase.findMany({
    where: {
      cohortId: plan.cohortId,
      split: toSplitRow(plan.split),
      case: {
        instances: {
          some: {},
          every: { predictions: { some: { checkpointId: plan.checkpointId } } },
        },
      },
    },
    select: { case: { select: sitedCaseSelect } },
  });
  if (rows.length === 0) {
    throw new DomainError(
      "cohort-invalid",
      `A reader study needs cases with a score of checkpoint ${plan.checkpointId} for every image, but split "${plan.split}" of cohort "${cohort.name}" has none.`,
    );
  }
  return rows.map((row) => toSitedCase(row.case));
}

const sitedCaseSelect = {
  id: true,
  siteId: true,
  referenceStandards: { where: { supersededAt: null }, select: { finding: true } },
} as const;

function toSitedCase(row: {
  readonly id: string;
  readonly siteId: string;
  readonly referenceStandards: readonly { readonly finding: string }[];
}): SitedCase {
  const isMalignant = row.referenceStandards.some((standard) => standard.finding === "malignant");
  return {
    caseId: row.id,
    siteId: row.siteId,
    isMalignant,
    stratum: `${row.siteId}/${isMalignant ? "malignant" : "benign"}`,
  };
}

/** Cases that a study already has. */
export async function loadStudyCases(tx: Transaction, readerStudyId: string): Promise<SitedCase[]> {
  const rows = await tx.case.findMany({
    where: { assignments: { some: { readerStudyId } } },
    orderBy: { id: "asc" },
    select: sitedCaseSelect,
  });
  return rows.map(toSitedCase);
}

export async function assertReaders(
  db: Database | Transaction,
  readerIds: readonly string[],
  siteIds: ReadonlySet<string>,
): Promise<void> {
  const readers = await db.user.findMany({
    where: { id: { in: [...readerIds] }, disabledAt: null },
    select: {
      id: true,
      name: true,
      memberships: { where: { role: "radiologist" }, select: { siteId: true } },
    },
  });
  for (const readerId of readerIds) {
    const reader = readers.find((candidate) => candidate.id === readerId);
    if (reader === undefined) throw new DomainError("not-found", `There is no active user ${readerId}.`);
    const readable = new Set(reader.memberships.map((membership) => membership.siteId));
    const missing = [...siteIds].filter((siteId) => !readable.has(siteId));
    if (missing.length > 0) {
      throw new DomainError(
        "plan-invalid",
        `A reader must be radiologist at every site of the study, but ${reader.name} is not at ${missing.length} of ${siteIds.size}.`,
      );
    }
  }
}
