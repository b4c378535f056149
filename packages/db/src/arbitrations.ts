import { DomainError } from "@crossread/contracts/errors";
import { emptyReadingAnswers } from "@crossread/contracts/reading";
import { loadShownReadings, loadSteps, type RevealedStep, type StoredStep } from "./arbitration-steps.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { holdArbitration, whereOwn, type ArbitrationKey, type OwnArbitration } from "./own-arbitration.ts";
import { assertSessionNotOver, recordReadingActivity } from "./reading-sessions.ts";
import { loadImages, loadPriors, type ReadingImage, type ReadingPrior } from "./reading-images.ts";

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
