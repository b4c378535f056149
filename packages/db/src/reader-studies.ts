import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import {
  assertReaders,
  loadStudyCases,
  planColumns,
  settingsOf,
  writeShares,
  type ReaderStudyPlan,
} from "./reader-study-plan.ts";
import { fromSplitRow } from "./split-row.ts";

/** Opens a study whose readers have agreed before, as those of the demonstration have. */
export async function createReaderStudy(
  db: Database,
  plan: ReaderStudyPlan,
): Promise<{ readerStudyId: string; caseCount: number }> {
  return db.$transaction(async (tx) => {
    const study = await tx.readerStudy.create({
      data: { ...planColumns(plan), createdBy: plan.createdBy },
      select: { id: true, createdAt: true },
    });
    const { caseCount } = await writeShares(tx, study.id, plan);
    const at = study.createdAt;
    await tx.readerStudy.update({ where: { id: study.id }, data: { state: "open", openedAt: at } });
    await tx.readerStudyReader.updateMany({
      where: { readerStudyId: study.id },
      data: { participation: "accepted", invitedAt: at, respondedAt: at },
    });
    return { readerStudyId: study.id, caseCount };
  });
}

const auditDetails = (plan: ReaderStudyPlan, caseCount: number) => ({
  cohortId: plan.cohortId,
  checkpointId: plan.checkpointId,
  split: plan.split,
  readerIds: [...plan.readerIds],
  caseCount,
  seed: plan.seed,
  settings: { ...settingsOf(plan) },
});

/** Writes a plan down with its whole allocation, so that what is reviewed is what will be read. */
export async function draftReaderStudy(
  db: Database,
  plan: ReaderStudyPlan & { readonly createdBy: string },
): Promise<{ readerStudyId: string; caseCount: number }> {
  return db.$transaction(async (tx) => {
    const study = await tx.readerStudy.create({
      data: { ...planColumns(plan), createdBy: plan.createdBy },
      select: { id: true },
    });
    const { caseCount } = await writeShares(tx, study.id, plan);
    await record(tx, "reader-study.create", {
      actorId: plan.createdBy,
      readerStudyId: study.id,
      details: auditDetails(plan, caseCount),
    });
    return { readerStudyId: study.id, caseCount };
  });
}

/** Puts another plan in the place of a draft's. */
export async function changeReaderStudyDraft(
  db: Database,
  change: { readonly readerStudyId: string; readonly actorId: string; readonly plan: ReaderStudyPlan },
): Promise<{ caseCount: number }> {
  const { readerStudyId, actorId, plan } = change;
  return db.$transaction(async (tx) => {
    await assertDraft(tx, readerStudyId, "changed");
    await tx.readerStudyReader.deleteMany({ where: { readerStudyId } });
    await tx.readerStudy.update({ where: { id: readerStudyId }, data: planColumns(plan) });
    const { caseCount } = await writeShares(tx, readerStudyId, plan);
    await record(tx, "reader-study.change", {
      actorId,
      readerStudyId,
      details: auditDetails(plan, caseCount),
    });
    return { caseCount };
  });
}

export interface ReaderStudyAct {
  readonly readerStudyId: string;
  readonly actorId: string;
}

export async function discardReaderStudyDraft(db: Database, act: ReaderStudyAct): Promise<void> {
  await db.$transaction(async (tx) => {
    const { name } = await assertDraft(tx, act.readerStudyId, "discarded");
    await tx.readerStudy.delete({ where: { id: act.readerStudyId } });
    await record(tx, "reader-study.discard", { ...act, details: { name } });
  });
}

/** What must be explained before anybody reads in a draft; null where there is no such draft. */
export async function findDraftAid(
  db: Database,
  readerStudyId: string,
): Promise<{ checkpointId: string; cohortId: string } | null> {
  return db.readerStudy.findUnique({
    where: { id: readerStudyId, state: "draft" },
    select: { checkpointId: true, cohortId: true },
  });
}

/** Splits of a cohort from which cases are read with a checkpoint's aid. */
export async function listReadSplits(
  db: Database,
  aid: { readonly checkpointId: string; readonly cohortId: string },
): Promise<Split[]> {
  const { checkpointId, cohortId } = aid;
  const rows = await db.readerStudy.findMany({
    where: { checkpointId, cohortId },
    distinct: ["split"],
    select: { split: true },
  });
  return rows.flatMap(({ split }) => (split === null ? [] : [fromSplitRow(split)]));
}

/** Checkpoint and cohort of every open study that has a case without a map. */
export async function listUnexplainedAids(
  db: Database,
): Promise<{ checkpointId: string; cohortId: string }[]> {
  return db.$queryRaw`
    SELECT DISTINCT s.checkpoint_id AS "checkpointId", s.cohort_id AS "cohortId"
    FROM reader_studies s
    JOIN reading_assignments a ON a.reader_study_id = s.id
    JOIN instances i ON i.case_id = a.case_id
    WHERE s.state = 'open' AND NOT EXISTS (
      SELECT 1 FROM saliency_maps m
      WHERE m.instance_id = i.id AND m.checkpoint_id = s.checkpoint_id AND m.class_label = 'malignant')`;
}

/** Opens a draft and invites its readers, each of whom must still be able to read every case. */
export async function openReaderStudy(
  db: Database,
  act: ReaderStudyAct & { readonly now: Date },
): Promise<void> {
  const { readerStudyId, actorId, now } = act;
  await db.$transaction(async (tx) => {
    await assertDraft(tx, readerStudyId, "opened");
    const readers = await tx.readerStudyReader.findMany({
      where: { readerStudyId },
      orderBy: { place: "asc" },
      select: { readerId: true },
    });
    const readerIds = readers.map(({ readerId }) => readerId);
    const cases = await loadStudyCases(tx, readerStudyId);
    await assertReaders(tx, readerIds, new Set(cases.map(({ siteId }) => siteId)));
    await tx.readerStudy.update({ where: { id: readerStudyId }, data: { state: "open", openedAt: now } });
    await tx.readerStudyReader.updateMany({
      where: { readerStudyId },
      data: { participation: "invited", invitedAt: now },
    });
    await record(tx, "reader-study.open", {
      actorId,
      readerStudyId,
      details: { readerIds, caseCount: cases.length },
    });
  });
}

/** Ends a study: nothing more can be saved in it. */
export async function closeReaderStudy(
  db: Database,
  readerStudyId: string,
): Promise<{ unfinishedCount: number }> {
  return db.$transaction(async (tx) => {
    const count = await tx.$executeRaw`
      UPDATE reader_studies SET state = 'closed', closed_at = now()
      WHERE id = ${readerStudyId}::uuid AND state = 'open'`;
    if (count === 0) {
      throw new DomainError("conflict", `Reader study ${readerStudyId} is not open, so it cannot be closed.`);
    }
    const unfinishedCount = await tx.readingAssignment.count({
      where: {
        readerStudyId,
        submittedAt: null,
        participant: { participation: { in: ["invited", "accepted"] } },
      },
    });
    return { unfinishedCount };
  });
}

/** Locks the row: two people may act on one draft. */
async function assertDraft(tx: Transaction, readerStudyId: string, verb: string): Promise<{ name: string }> {
  const [study] = await tx.$queryRaw<{ name: string; state: string }[]>`
    SELECT name, state::text FROM reader_studies WHERE id = ${readerStudyId}::uuid FOR UPDATE`;
  if (study === undefined) throw new DomainError("not-found", `There is no reader study ${readerStudyId}.`);
  if (study.state !== "draft") {
    throw new DomainError("conflict", `Only a draft can be ${verb}, but "${study.name}" is ${study.state}.`);
  }
  return { name: study.name };
}

async function record(
  tx: Transaction,
  action: string,
  event: ReaderStudyAct & { readonly details: Parameters<typeof appendAudit>[1]["details"] },
): Promise<void> {
  await appendAudit(tx, {
    actorId: event.actorId,
    siteId: null,
    action,
    entityKind: "reader-study",
    entityId: event.readerStudyId,
    details: event.details,
  });
}
