import { randomUUID } from "node:crypto";
import type { Finding, Laterality } from "@crossread/contracts/dataset-manifest";
import type { Birads, Condition, ReadingAnswers } from "@crossread/contracts/reading";
import type { ReaderMark } from "@crossread/contracts/reader-mark";
import type { Database } from "@crossread/db/database";
import { toJsonColumn } from "@crossread/db/json-column";
import type { ReaderStudyWorld } from "./reading-world.ts";

export const answersOf = (
  R: readonly [Birads, number],
  L: readonly [Birads, number],
  more: { readonly comment?: string; readonly marks?: readonly ReaderMark[] } = {},
): ReadingAnswers => ({
  breasts: { R: { birads: R[0], suspicion: R[1] }, L: { birads: L[0], suspicion: L[1] } },
  density: "B",
  marks: [...(more.marks ?? [])],
  comment: more.comment ?? "",
});

/** Answers of one reader to one case: final ones, and unaided ones where they differ. */
export interface GivenReading {
  readonly readerId: string;
  readonly caseId: string;
  readonly unaided?: ReadingAnswers;
  readonly aided: ReadingAnswers;
}

/** A reader study whose readings are all locked; closed unless told otherwise. */
export async function seedReadStudy(
  db: Database,
  world: ReaderStudyWorld,
  study: { readonly readings: readonly GivenReading[]; readonly state?: "open" | "closed" },
): Promise<string> {
  const { id: readerStudyId } = await db.readerStudy.create({
    data: {
      name: `Study ${randomUUID()}`,
      cohortId: world.cohortId,
      checkpointId: world.checkpointId,
      seed: 3,
      state: "open",
    },
  });
  const readerIds = [...new Set(study.readings.map(({ readerId }) => readerId))];
  await db.readerStudyReader.createMany({
    data: readerIds.map((readerId, place) => ({
      readerStudyId,
      readerId,
      place,
      participation: "accepted" as const,
    })),
  });
  for (const readerId of readerIds) {
    const own = study.readings.filter((reading) => reading.readerId === readerId);
    for (const [position, { aided, caseId, unaided }] of own.entries()) {
      const { id: assignmentId } = await db.readingAssignment.create({
        data: { readerStudyId, readerId, caseId, position },
      });
      const lock = (condition: Condition, answers: ReadingAnswers) =>
        db.reading.create({
          data: {
            assignmentId,
            condition,
            answers: toJsonColumn(answers),
            lockedAt: new Date(1),
            durationMs: 1_000,
          },
        });
      await lock("unaided", unaided ?? aided);
      await lock("aided", aided);
    }
  }
  if (study.state !== "open") {
    await db.readerStudy.update({ where: { id: readerStudyId }, data: { state: "closed" } });
  }
  return readerStudyId;
}

export async function seedRadiologist(
  db: Database,
  name: string,
  siteIds: readonly string[],
): Promise<string> {
  const { id } = await db.user.create({
    data: {
      email: `${name}@example.org`,
      name,
      passwordHash: "x",
      memberships: { create: siteIds.map((siteId) => ({ siteId, role: "radiologist" as const })) },
    },
  });
  return id;
}

export async function seedAdministrator(db: Database): Promise<string> {
  const { id } = await db.user.create({
    data: {
      email: "admin@example.org",
      name: "Admin",
      passwordHash: "x",
      memberships: { create: { role: "admin" } },
    },
  });
  return id;
}

/** Supersedes what is in force of a breast. */
export async function setReference(
  db: Database,
  breast: { readonly caseId: string; readonly laterality: Laterality },
  standard: { readonly finding: Finding; readonly source: "pathology" | "data_set" },
): Promise<void> {
  await db.referenceStandard.updateMany({
    where: { ...breast, supersededAt: null },
    data: { supersededAt: new Date() },
  });
  await db.referenceStandard.create({ data: { ...breast, ...standard, createdAt: new Date(1) } });
}
