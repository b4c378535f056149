import { evaluationReportSchema } from "@crossread/contracts/evaluation-report";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answersOf, seedReadStudy } from "../../../../tests/read-study.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import type { WorkerContext } from "../worker-context.ts";
import { evaluateOn } from "./evaluate-checkpoint.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 2 });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Every image has its score already: no process is needed. */
const evaluate = () =>
  evaluateOn(
    { db: database.db } as Partial<WorkerContext> as WorkerContext,
    {
      checkpointId: world.checkpointId,
      cohortId: world.cohortId,
      split: "internal-test",
      rule: { rule: "youden" },
    },
    new AbortController().signal,
  );

/** Which sites have an evaluation, the pooled one as null, with the breasts that each leaves out. */
async function evaluations() {
  const rows = await database.db.evaluation.findMany();
  return new Map(
    rows.map(({ report, siteId }) => [siteId, evaluationReportSchema.parse(report).leftOutCount]),
  );
}

/** From now on the truth of a site's breasts is what readers said who saw a model. */
async function letAidedReadersDecide(siteId: string): Promise<void> {
  const { db } = database;
  const [readerId = ""] = world.readerIds;
  const cases = await db.case.findMany({ where: { siteId }, include: { referenceStandards: true } });
  const answers = answersOf(["1", 2], ["5", 90]);
  await seedReadStudy(db, world, {
    readings: cases.map(({ id: caseId }) => ({ readerId, caseId, aided: answers })),
  });
  for (const { id: caseId, referenceStandards } of cases) {
    const reading = await db.reading.findFirstOrThrow({
      where: { condition: "aided", assignment: { caseId, readerId } },
    });
    for (const { finding, id, laterality } of referenceStandards) {
      await db.referenceStandard.update({
        where: { id },
        data: { supersededAt: new Date(0), supersededReason: "consensus" },
      });
      await db.referenceStandard.create({
        data: {
          caseId,
          laterality,
          finding,
          source: "reader_consensus",
          replacesId: id,
          consensus: { create: { readingId: reading.id } },
        },
      });
    }
  }
}

test("a site whose breasts are all left out loses its evaluation, unless that is published", async () => {
  const [first = "", second = ""] = world.siteIds;
  await evaluate();
  expect(await evaluations()).toEqual(
    new Map<string | null, number>([
      [null, 0],
      [first, 0],
      [second, 0],
    ]),
  );

  await letAidedReadersDecide(second);
  await evaluate();
  // Two cases of two breasts each.
  expect(await evaluations()).toEqual(
    new Map<string | null, number>([
      [null, 4],
      [first, 0],
    ]),
  );

  await database.db.evaluation.updateMany({ where: { siteId: first }, data: { publishedAt: new Date(0) } });
  await letAidedReadersDecide(first);
  await evaluate();
  expect(await evaluations()).toEqual(new Map([[first, 0]]));
});
