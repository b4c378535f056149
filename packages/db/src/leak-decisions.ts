import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";

interface Decider {
  readonly actorId: string | null;
  readonly reason: string;
  readonly at: Date;
}

/** The pair shows different images, or may be where it is: it no longer blocks any cohort. */
export async function recordNoLeak(
  db: Database,
  decided: Decider & { readonly pairId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const pair = await findPair(tx, decided.pairId);
    const inForce = await tx.pairDecision.count({
      where: { pairId: decided.pairId, verdict: "no_leak", undoneAt: null },
    });
    if (inForce > 0) throw new DomainError("conflict", "This pair has been decided already.");
    await tx.pairDecision.create({
      data: {
        pairId: decided.pairId,
        verdict: "no_leak",
        reason: decided.reason,
        decidedBy: decided.actorId,
        decidedAt: decided.at,
      },
    });
    await audit(tx, decided, { action: "leak.no-leak", entityId: decided.pairId, details: pair });
  });
}

/** Takes one case out of a cohort that is not frozen yet, and its subject with its last case. */
export async function excludeFromCohort(
  db: Database,
  excluded: Decider & { readonly pairId: string; readonly cohortId: string; readonly caseId: string },
): Promise<void> {
  const { caseId, cohortId, pairId } = excluded;
  await db.$transaction(async (tx) => {
    await findPair(tx, pairId);
    const member = await tx.cohortCase.findUnique({
      where: { cohortId_caseId: { cohortId, caseId } },
      select: { subjectId: true, cohort: { select: { name: true, frozenAt: true } } },
    });
    if (member === null) throw new DomainError("not-found", "The cohort has no such case any more.");
    if (member.cohort.frozenAt !== null) {
      throw new DomainError(
        "conflict",
        `The membership of "${member.cohort.name}" is frozen. Link the patients or exclude the case in a new cohort.`,
      );
    }
    const ofPair = await tx.imagePair.count({
      where: { id: pairId, OR: [{ first: { caseId } }, { second: { caseId } }] },
    });
    if (ofPair === 0) throw new DomainError("not-found", "The pair has no such case.");
    await tx.cohortCase.delete({ where: { cohortId_caseId: { cohortId, caseId } } });
    const left = await tx.cohortCase.count({ where: { cohortId, subjectId: member.subjectId } });
    if (left === 0) {
      await tx.cohortSubject.delete({
        where: { cohortId_subjectId: { cohortId, subjectId: member.subjectId } },
      });
    }
    await tx.pairDecision.create({
      data: {
        pairId,
        verdict: "excluded",
        cohortId,
        caseId,
        reason: excluded.reason,
        decidedBy: excluded.actorId,
        decidedAt: excluded.at,
      },
    });
    await audit(tx, excluded, { action: "leak.exclude", entityId: pairId, details: { cohortId, caseId } });
  });
}

/** The two subjects of a pair are one woman: new cohorts keep her in one split; frozen cohorts stay as they are. */
export async function linkSubjects(
  db: Database,
  linked: Decider & { readonly pairId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { firstSubjectId, secondSubjectId } = await findPair(tx, linked.pairId);
    const inForce = await tx.subjectLink.count({
      where: {
        undoneAt: null,
        OR: [
          { firstSubjectId, secondSubjectId },
          { firstSubjectId: secondSubjectId, secondSubjectId: firstSubjectId },
        ],
      },
    });
    if (inForce > 0) throw new DomainError("conflict", "These patients are linked already.");
    await tx.subjectLink.create({
      data: {
        firstSubjectId,
        secondSubjectId,
        pairId: linked.pairId,
        reason: linked.reason,
        linkedBy: linked.actorId,
        linkedAt: linked.at,
      },
    });
    await audit(tx, linked, {
      action: "leak.link-subjects",
      entityId: linked.pairId,
      details: { firstSubjectId, secondSubjectId },
    });
  });
}

/** Takes a decision back; its row stays. */
export async function undoLeakDecision(
  db: Database,
  undone: Decider & { readonly decisionId: string; readonly verdict: "no-leak" | "one-woman" },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const data = { undoneAt: undone.at, undoneBy: undone.actorId };
    const { count } =
      undone.verdict === "no-leak"
        ? await tx.pairDecision.updateMany({
            where: { id: undone.decisionId, verdict: "no_leak", undoneAt: null },
            data,
          })
        : await tx.subjectLink.updateMany({ where: { id: undone.decisionId, undoneAt: null }, data });
    if (count === 0) throw new DomainError("conflict", "This decision is not in force any more.");
    await audit(tx, undone, {
      action: "leak.undo",
      entityId: undone.decisionId,
      details: { verdict: undone.verdict },
    });
  });
}

async function findPair(
  tx: Transaction,
  pairId: string,
): Promise<{ firstSubjectId: string; secondSubjectId: string }> {
  const subject = { select: { case: { select: { subjectId: true } } } } as const;
  const pair = await tx.imagePair.findUnique({
    where: { id: pairId },
    select: { first: subject, second: subject },
  });
  if (pair === null) throw new DomainError("not-found", `There is no pair ${pairId}.`);
  return { firstSubjectId: pair.first.case.subjectId, secondSubjectId: pair.second.case.subjectId };
}

const audit = (
  tx: Transaction,
  { actorId, reason }: Decider,
  event: { action: string; entityId: string; details: { readonly [key: string]: string } },
): Promise<void> => appendAudit(tx, { actorId, siteId: null, entityKind: "image-pair", reason, ...event });
