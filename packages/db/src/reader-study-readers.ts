import { DomainError } from "@crossread/contracts/errors";
import type { Participation } from "@crossread/contracts/reader-study-settings";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import { doubleReadingCount, orderReadings } from "./reader-allocation.ts";
import {
  assertReaders,
  fromAllocationRow,
  loadStudyCases,
  writeReadings,
  type SitedCase,
} from "./reader-study-plan.ts";

interface ReaderKey {
  readonly readerStudyId: string;
  readonly readerId: string;
  readonly now: Date;
}

/** Accepts the caller's own invitation. */
export async function acceptInvitation(db: Database, key: ReaderKey): Promise<void> {
  await answerInvitation(db, key, { participation: "accepted" });
}

/** Declines the caller's own invitation, for good: from then on nothing keeps them blind to the cases. */
export async function declineInvitation(
  db: Database,
  key: ReaderKey & { readonly reason: string },
): Promise<void> {
  await answerInvitation(db, key, { participation: "declined", reason: key.reason });
}

async function answerInvitation(
  db: Database,
  key: ReaderKey,
  answer: { readonly participation: "accepted" | "declined"; readonly reason?: string },
): Promise<void> {
  const { readerStudyId, readerId, now } = key;
  await db.$transaction(async (tx) => {
    const { count } = await tx.readerStudyReader.updateMany({
      where: { readerStudyId, readerId, participation: "invited", readerStudy: { state: "open" } },
      data: { ...answer, respondedAt: now },
    });
    if (count === 0) {
      throw new DomainError(
        "conflict",
        "You have no invitation to this reader study that waits for an answer.",
      );
    }
    await appendAudit(tx, {
      actorId: readerId,
      siteId: null,
      action: answer.participation === "accepted" ? "reader-study.accept" : "reader-study.decline",
      entityKind: "reader-study",
      entityId: readerStudyId,
      ...(answer.reason === undefined ? {} : { reason: answer.reason }),
      details: { readerId },
    });
  });
}

interface ReaderChange extends ReaderKey {
  readonly actorId: string;
}

/** Ends a reader's part: what they locked is kept, what is open stops, and they cannot come back unblinded. */
export async function withdrawReader(
  db: Database,
  change: ReaderChange & { readonly reason: string },
): Promise<{ submittedCount: number; stoppedCount: number }> {
  const { readerStudyId, readerId, now, reason } = change;
  return db.$transaction(async (tx) => {
    await lockOpenStudy(tx, readerStudyId);
    const { count } = await tx.readerStudyReader.updateMany({
      where: { readerStudyId, readerId, participation: { in: ["invited", "accepted"] } },
      data: { participation: "withdrawn", withdrawnAt: now, reason },
    });
    if (count === 0) {
      throw new DomainError("conflict", "Only a reader who is invited or reads can be withdrawn.");
    }
    const [submittedCount, total] = await Promise.all([
      tx.readingAssignment.count({ where: { readerStudyId, readerId, submittedAt: { not: null } } }),
      tx.readingAssignment.count({ where: { readerStudyId, readerId } }),
    ]);
    const outcome = { submittedCount, stoppedCount: total - submittedCount };
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: null,
      action: "reader-study.withdraw-reader",
      entityKind: "reader-study",
      entityId: readerStudyId,
      reason,
      details: { readerId, ...outcome },
    });
    return outcome;
  });
}

/**
 * Invites one more reader to an open study: to every case, in a split plot to those of the smallest group, under double
 * reading to those that lack a reader because one declined or was withdrawn.
 */
export async function addReader(db: Database, change: ReaderChange): Promise<{ readingCount: number }> {
  const { readerStudyId, readerId, now } = change;
  return db.$transaction(async (tx) => {
    const study = await lockOpenStudy(tx, readerStudyId);
    const readers = await tx.readerStudyReader.findMany({
      where: { readerStudyId },
      orderBy: { place: "asc" },
      select: { readerId: true, place: true, groupIndex: true, participation: true },
    });
    const known = readers.find((reader) => reader.readerId === readerId);
    if (known !== undefined) throw alreadyIn(known.participation);
    const cases = await loadStudyCases(tx, readerStudyId);
    await assertReaders(tx, [readerId], new Set(cases.map(({ siteId }) => siteId)));
    const share = await shareOfNewReader(tx, { ...study, readerStudyId, cases, readers });
    const place = (readers.at(-1)?.place ?? -1) + 1;
    const readings = orderReadings({
      design: study.design,
      cases,
      caseIds: share.caseIds,
      seed: study.seed,
      place,
      turn: readers.filter(({ groupIndex }) => groupIndex === share.groupIndex).length,
    });
    await tx.readerStudyReader.create({
      data: {
        readerStudyId,
        readerId,
        place,
        groupIndex: share.groupIndex,
        participation: "invited",
        invitedAt: now,
      },
    });
    await writeReadings(tx, { readerStudyId, readerId }, readings);
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: null,
      action: "reader-study.add-reader",
      entityKind: "reader-study",
      entityId: readerStudyId,
      details: { readerId, groupIndex: share.groupIndex, readingCount: readings.length },
    });
    return { readingCount: readings.length };
  });
}

const isActive = (participation: Participation) =>
  participation === "planned" || participation === "invited" || participation === "accepted";

function alreadyIn(participation: Participation): DomainError {
  return new DomainError(
    "conflict",
    isActive(participation)
      ? "This reader is in the study already."
      : `This reader was ${participation === "declined" ? "invited and declined" : "withdrawn"} and may have seen the cases since: invite another one.`,
  );
}

interface StudyReaders {
  readonly readerStudyId: string;
  readonly allocation: "fully-crossed" | "split-plot" | "double-reading";
  readonly cases: readonly SitedCase[];
  readonly readers: readonly { readonly groupIndex: number | null; readonly participation: Participation }[];
}

async function shareOfNewReader(
  tx: Transaction,
  study: StudyReaders,
): Promise<{ groupIndex: number | null; caseIds: string[] }> {
  const { readerStudyId, cases } = study;
  switch (study.allocation) {
    case "fully-crossed":
      return { groupIndex: null, caseIds: cases.map(({ caseId }) => caseId) };
    case "split-plot": {
      const groups = [...new Set(study.readers.flatMap(({ groupIndex }) => groupIndex ?? []))].toSorted(
        (a, b) => a - b,
      );
      const sizeOf = (group: number) =>
        study.readers.filter(
          ({ groupIndex, participation }) => groupIndex === group && isActive(participation),
        ).length;
      const groupIndex = groups.reduce((least, group) => (sizeOf(group) < sizeOf(least) ? group : least));
      const rows = await tx.case.findMany({
        where: { assignments: { some: { readerStudyId, participant: { groupIndex } } } },
        orderBy: { id: "asc" },
        select: { id: true },
      });
      return { groupIndex, caseIds: rows.map(({ id }) => id) };
    }
    case "double-reading": {
      const rows = await tx.$queryRaw<{ case_id: string }[]>`
        SELECT a.case_id FROM reading_assignments a
        JOIN reader_study_readers p ON p.reader_study_id = a.reader_study_id AND p.reader_id = a.reader_id
        WHERE a.reader_study_id = ${readerStudyId}::uuid
        GROUP BY a.case_id
        HAVING count(DISTINCT a.reader_id) FILTER (
          WHERE p.participation IN ('invited', 'accepted') OR a.submitted_at IS NOT NULL
        ) < ${doubleReadingCount}
        ORDER BY a.case_id`;
      if (rows.length === 0) {
        throw new DomainError(
          "conflict",
          `Every case has its ${doubleReadingCount} readers: another one is invited after one has declined or is withdrawn.`,
        );
      }
      return { groupIndex: null, caseIds: rows.map((row) => row.case_id) };
    }
  }
}

async function lockOpenStudy(tx: Transaction, readerStudyId: string) {
  await tx.$queryRaw`SELECT 1 FROM reader_studies WHERE id = ${readerStudyId}::uuid FOR UPDATE`;
  const study = await tx.readerStudy.findUnique({
    where: { id: readerStudyId },
    select: { name: true, state: true, design: true, allocation: true, seed: true },
  });
  if (study === null) throw new DomainError("not-found", `There is no reader study ${readerStudyId}.`);
  if (study.state !== "open") {
    throw new DomainError(
      "conflict",
      `Readers change while a study is open, but "${study.name}" is ${study.state}.`,
    );
  }
  return { design: study.design, allocation: fromAllocationRow(study.allocation), seed: study.seed };
}
