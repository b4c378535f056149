import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import { DomainError } from "@crossread/contracts/errors";
import { emptyReadingAnswers, readingAnswersSchema, type ReadingAnswers } from "@crossread/contracts/reading";
import { createRandom } from "@crossread/metrics/random";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import {
  assertSessionNotOver,
  loadReadingSession,
  recordReadingActivity,
  type SessionSettings,
} from "./reading-sessions.ts";
import { loadImages, loadPriors, type ReadingImage, type ReadingPrior } from "./readings.ts";

export interface StoredStep {
  readonly answers: ReadingAnswers;
  readonly version: number;
  readonly durationMs: number;
  readonly isLocked: boolean;
}

/** What an arbitrator sees of another's reading: its comment stays away, which may name a person or the model. */
export type ShownReading = Omit<ReadingAnswers, "comment">;

export interface RevealedStep {
  readonly decision: StoredStep;
  /** Every reader's final reading in an order of its own, whether they disagree or not. */
  readonly readings: readonly ShownReading[];
}

export interface ArbitrationCase {
  readonly arbitrationId: string;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  /** 0-based, among the arbitrator's own cases. */
  readonly position: number;
  readonly caseCount: number;
  readonly images: readonly ReadingImage[];
  readonly priors: readonly ReadingPrior[];
  readonly independent: StoredStep;
  /** Null before the lock of the independent reading. */
  readonly revealed: RevealedStep | null;
  readonly next: { readonly arbitrationId: string; readonly images: readonly ReadingImage[] } | null;
}

export interface ArbitrationKey {
  readonly arbitratorId: string;
  readonly arbitrationId: string;
}

/**
 * Opens a case for its arbitrator, in the arbitrator's order. Neither site, label, reference standard, who read, what
 * was discordant nor anything of the model is read here.
 */
export async function openArbitrationCase(
  db: Database,
  key: ArbitrationKey,
  now: Date,
): Promise<ArbitrationCase> {
  const arbitration = await db.$transaction((tx) => beginArbitration(tx, key, now));
  const own = whereOwn(arbitration, key);
  const [images, priors, steps, caseCount, position, next] = await Promise.all([
    loadImages(db, arbitration.caseId),
    loadPriors(db, arbitration.caseId),
    loadSteps(db, arbitration.id),
    db.arbitration.count({ where: own }),
    db.arbitration.count({ where: { ...own, position: { lt: arbitration.position } } }),
    db.arbitration.findFirst({
      where: { ...own, position: { gt: arbitration.position }, decidedAt: null },
      orderBy: { position: "asc" },
      select: { id: true, caseId: true },
    }),
  ]);
  const independent = steps.get("independent");
  if (independent === undefined) {
    throw new DomainError("not-found", `The reading of arbitration ${arbitration.id} is missing.`);
  }
  const decision = steps.get("decision");
  return {
    arbitrationId: arbitration.id,
    readerStudyId: arbitration.readerStudyId,
    readerStudyName: arbitration.readerStudyName,
    position,
    caseCount,
    images,
    priors,
    independent,
    revealed:
      decision === undefined ? null : { decision, readings: await loadShownReadings(db, arbitration) },
    next: next === null ? null : { arbitrationId: next.id, images: await loadImages(db, next.caseId) },
  };
}

/** Starts the clock of a case whose turn it is; one that was begun may always be continued. */
async function beginArbitration(tx: Transaction, key: ArbitrationKey, now: Date): Promise<OwnArbitration> {
  const arbitration = await holdArbitration(tx, key);
  if (arbitration.isDecided) return arbitration;
  const own = whereOwn(arbitration, key);
  const earlier = await tx.arbitration.findFirst({
    where: { ...own, position: { lt: arbitration.position }, decidedAt: null },
    orderBy: { position: "asc" },
    select: { position: true },
  });
  if (earlier !== null) {
    const [before, between] = await Promise.all([
      tx.arbitration.count({ where: { ...own, position: { lt: earlier.position } } }),
      tx.arbitration.count({
        where: { ...own, position: { gte: earlier.position, lt: arbitration.position } },
      }),
    ]);
    throw new DomainError(
      "conflict",
      `Cases are arbitrated in order: case ${before + 1} comes before case ${before + between + 1}.`,
    );
  }
  const session = { readerId: key.arbitratorId, settings: arbitration.settings, now };
  if ((await tx.arbitrationReading.count({ where: { arbitrationId: arbitration.id } })) === 0) {
    await assertSessionNotOver(tx, session);
    await tx.arbitrationReading.create({
      data: {
        arbitrationId: arbitration.id,
        step: "independent",
        answers: toJsonColumn(emptyReadingAnswers),
        startedAt: now,
      },
    });
  }
  await recordReadingActivity(tx, session);
  return arbitration;
}

/** An arbitrator's cases of one queue, less those that went to somebody else. */
export const whereOwn = (arbitration: OwnArbitration, key: ArbitrationKey) => ({
  queueId: arbitration.queueId,
  arbitratorId: key.arbitratorId,
  supersededAt: null,
});

/** Holds a case's steps until the transaction ends: of calls that come at once each sees what the one before it left. */
export async function holdArbitration(tx: Transaction, key: ArbitrationKey): Promise<OwnArbitration> {
  const { arbitrationId } = key;
  await tx.$queryRaw`SELECT id FROM arbitrations WHERE id = ${arbitrationId}::uuid FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM arbitration_readings WHERE arbitration_id = ${arbitrationId}::uuid
    ORDER BY id FOR UPDATE`;
  return loadOwnArbitration(tx, key);
}

export interface OwnArbitration {
  readonly id: string;
  readonly queueId: string;
  readonly caseId: string;
  readonly position: number;
  readonly seed: number;
  readonly isDecided: boolean;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly settings: SessionSettings;
}

/**
 * The arbitration, if it is the caller's own; somebody else's is as if it did not exist.
 *
 * @throws {DomainError} "not-found"; "conflict" where the caller's locked reading was handed over
 */
export async function loadOwnArbitration(
  db: Database | Transaction,
  key: ArbitrationKey,
): Promise<OwnArbitration> {
  const row = await db.arbitration.findFirst({
    where: { id: key.arbitrationId, arbitratorId: key.arbitratorId },
    select: {
      id: true,
      queueId: true,
      caseId: true,
      position: true,
      decidedAt: true,
      supersededAt: true,
      queue: {
        select: {
          seed: true,
          readerStudy: {
            select: {
              id: true,
              name: true,
              sessionMinutes: true,
              breakAfterMinutes: true,
              breakMinutes: true,
            },
          },
        },
      },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no arbitration ${key.arbitrationId}.`);
  const { decidedAt, queue, supersededAt, ...rest } = row;
  if (supersededAt !== null) {
    throw new DomainError(
      "conflict",
      "This case was handed over to somebody else: the reading that you locked is kept, and nothing more is entered.",
    );
  }
  const { id, name, ...settings } = queue.readerStudy;
  return {
    ...rest,
    seed: queue.seed,
    isDecided: decidedAt !== null,
    readerStudyId: id,
    readerStudyName: name,
    settings,
  };
}

export async function loadSteps(
  db: Database | Transaction,
  arbitrationId: string,
): Promise<Map<ArbitrationStep, StoredStep>> {
  const rows = await db.arbitrationReading.findMany({ where: { arbitrationId } });
  return new Map(
    rows.map((row) => [
      row.step,
      {
        answers: readingAnswersSchema.parse(row.answers),
        version: row.version,
        durationMs: row.durationMs,
        isLocked: row.lockedAt !== null,
      },
    ]),
  );
}

export async function loadShownReadings(
  db: Database | Transaction,
  arbitration: OwnArbitration,
): Promise<ShownReading[]> {
  const rows = await db.reading.findMany({
    where: {
      assignment: { readerStudyId: arbitration.readerStudyId, caseId: arbitration.caseId },
      lockedAt: { not: null },
    },
    select: { answers: true, condition: true, assignment: { select: { readerId: true } } },
    orderBy: [{ assignment: { readerId: "asc" } }, { condition: "asc" }],
  });
  // Ordered unaided, aided: the last of each reader is the final one.
  const finals = new Map(
    rows.map((row) => [row.assignment.readerId, readingAnswersSchema.parse(row.answers)]),
  );
  return createRandom(arbitration.seed)
    .fork(`readings/${arbitration.caseId}`)
    .shuffle([...finals.values()])
    .map(({ comment: _comment, ...shown }) => shown);
}

/** The session of the study is over: the next case opens after the break. */
export interface SessionPause {
  readonly reason: "session";
  readonly continuesAt: Date;
}

export interface ArbitrationWorkList {
  readonly queueId: string;
  readonly readerStudyName: string;
  readonly caseCount: number;
  readonly decidedCount: number;
  readonly isNextStarted: boolean;
  /** First case in the arbitrator's order that is not decided; null when all are, or none may be opened now. */
  readonly nextArbitrationId: string | null;
  /** Why none may be opened now, and until when. */
  readonly pause: SessionPause | null;
  readonly medianDurationMs: number | null;
}

/** The queues of one arbitrator: names and counts, nothing about the cases. */
export async function listArbitrationWorkLists(
  db: Database,
  arbitratorId: string,
  now: Date,
): Promise<ArbitrationWorkList[]> {
  const rows = await db.$queryRaw<(Omit<ArbitrationWorkList, "pause"> & SessionSettings)[]>`
    SELECT q.id AS "queueId", s.name AS "readerStudyName", count(*)::int AS "caseCount",
      count(a.decided_at)::int AS "decidedCount",
      (array_agg(a.id ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1] AS "nextArbitrationId",
      COALESCE((array_agg(r.started ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1], false)
        AS "isNextStarted",
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.duration_ms) FILTER (WHERE a.decided_at IS NOT NULL))::float8
        AS "medianDurationMs",
      s.session_minutes AS "sessionMinutes", s.break_after_minutes AS "breakAfterMinutes",
      s.break_minutes AS "breakMinutes"
    FROM arbitrations a
    JOIN arbitration_queues q ON q.id = a.queue_id
    JOIN reader_studies s ON s.id = q.reader_study_id
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS started, sum(duration_ms) AS duration_ms
      FROM arbitration_readings WHERE arbitration_id = a.id
    ) r
    WHERE a.arbitrator_id = ${arbitratorId}::uuid AND a.superseded_at IS NULL
    GROUP BY q.id, s.id, q.opened_at
    ORDER BY q.opened_at`;
  return Promise.all(
    rows.map(async ({ sessionMinutes, breakAfterMinutes, breakMinutes, ...list }) => {
      const settings = { sessionMinutes, breakAfterMinutes, breakMinutes };
      const session = await loadReadingSession(db, { readerId: arbitratorId, settings, now });
      return session.isOver && !list.isNextStarted && list.nextArbitrationId !== null
        ? { ...list, nextArbitrationId: null, pause: { reason: "session", continuesAt: session.continuesAt } }
        : { ...list, pause: null };
    }),
  );
}
