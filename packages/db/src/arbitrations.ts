import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import { DomainError } from "@crossread/contracts/errors";
import { emptyReadingAnswers, readingAnswersSchema, type ReadingAnswers } from "@crossread/contracts/reading";
import { createRandom } from "@crossread/metrics/random";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
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
  readonly readerStudyName: string;
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
  const arbitration = await loadOwnArbitration(db, key);
  const own = { queueId: arbitration.queueId, arbitratorId: key.arbitratorId };
  const earlier = await db.arbitration.findFirst({
    where: { ...own, position: { lt: arbitration.position }, decidedAt: null },
    orderBy: { position: "asc" },
    select: { position: true },
  });
  if (earlier !== null) {
    throw new DomainError(
      "conflict",
      `Cases are arbitrated in order: case ${earlier.position + 1} comes before case ${arbitration.position + 1}.`,
    );
  }
  await db.arbitrationReading.createMany({
    data: {
      arbitrationId: arbitration.id,
      step: "independent",
      answers: toJsonColumn(emptyReadingAnswers),
      startedAt: now,
    },
    skipDuplicates: true,
  });
  const [images, priors, steps, caseCount, next] = await Promise.all([
    loadImages(db, arbitration.caseId),
    loadPriors(db, arbitration.caseId),
    loadSteps(db, arbitration.id),
    db.arbitration.count({ where: own }),
    db.arbitration.findFirst({
      where: { ...own, position: arbitration.position + 1 },
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
    readerStudyName: arbitration.readerStudyName,
    position: arbitration.position,
    caseCount,
    images,
    priors,
    independent,
    revealed:
      decision === undefined ? null : { decision, readings: await loadShownReadings(db, arbitration) },
    next: next === null ? null : { arbitrationId: next.id, images: await loadImages(db, next.caseId) },
  };
}

export interface OwnArbitration {
  readonly id: string;
  readonly queueId: string;
  readonly caseId: string;
  readonly position: number;
  readonly seed: number;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
}

/** The arbitration, if it is the caller's own; somebody else's is as if it did not exist. */
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
      queue: { select: { seed: true, readerStudy: { select: { id: true, name: true } } } },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no arbitration ${key.arbitrationId}.`);
  const { queue, ...rest } = row;
  return {
    ...rest,
    seed: queue.seed,
    readerStudyId: queue.readerStudy.id,
    readerStudyName: queue.readerStudy.name,
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

export interface ArbitrationWorkList {
  readonly queueId: string;
  readonly readerStudyName: string;
  readonly caseCount: number;
  readonly decidedCount: number;
  readonly isNextStarted: boolean;
  /** First case in the arbitrator's order that is not decided; null when all are. */
  readonly nextArbitrationId: string | null;
  readonly medianDurationMs: number | null;
}

/** The queues of one arbitrator: names and counts, nothing about the cases. */
export async function listArbitrationWorkLists(
  db: Database,
  arbitratorId: string,
): Promise<ArbitrationWorkList[]> {
  return db.$queryRaw<ArbitrationWorkList[]>`
    SELECT q.id AS "queueId", s.name AS "readerStudyName", count(*)::int AS "caseCount",
      count(a.decided_at)::int AS "decidedCount",
      (array_agg(a.id ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1] AS "nextArbitrationId",
      COALESCE((array_agg(r.started ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1], false)
        AS "isNextStarted",
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.duration_ms) FILTER (WHERE a.decided_at IS NOT NULL))::float8
        AS "medianDurationMs"
    FROM arbitrations a
    JOIN arbitration_queues q ON q.id = a.queue_id
    JOIN reader_studies s ON s.id = q.reader_study_id
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS started, sum(duration_ms) AS duration_ms
      FROM arbitration_readings WHERE arbitration_id = a.id
    ) r
    WHERE a.arbitrator_id = ${arbitratorId}::uuid
    GROUP BY q.id, s.name, q.opened_at
    ORDER BY q.opened_at`;
}
