import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { createCohort } from "./cohort-draw.ts";
import { freezeCohort } from "./cohort-freeze.ts";
import { loadCohort } from "./cohorts.ts";
import {
  createValidationRound,
  loadValidationRound,
  publishValidationRound,
  type NewValidationRound,
} from "./validation-rounds.ts";

let database: TestDatabase;
let actorId: string;
let cohortId: string;
let draftCohortId: string;
let checkpointId: string;

const fractions = { train: 0.5, tuning: 0, "internal-test": 0.5 };

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const site = await db.site.create({
    data: { code: "north", name: "North", colourIndex: 0, acquisition: "synthetic" },
  });
  const actor = await db.user.create({
    data: { email: "admin@example.org", name: "Admin", passwordHash: "x" },
  });
  actorId = actor.id;
  for (let index = 0; index < 4; index++) {
    const subject = await db.subject.create({ data: { siteId: site.id, pseudonym: `P-${index}` } });
    const study = await db.study.create({
      data: { siteId: site.id, subjectId: subject.id, studyInstanceUid: `2.25.${index}` },
    });
    const one = await db.case.create({
      data: { siteId: site.id, subjectId: subject.id, studyId: study.id, label: `C-${index}` },
    });
    // The last subject has no reference standard and cannot be a member.
    if (index < 3) {
      await db.referenceStandard.create({
        data: {
          caseId: one.id,
          laterality: "L",
          finding: index === 0 ? "malignant" : "normal",
          source: "data_set",
        },
      });
    }
    const series = await db.series.create({
      data: { studyId: study.id, seriesInstanceUid: `2.25.${index}.1` },
    });
    await db.instance.create({
      data: {
        siteId: site.id,
        seriesId: series.id,
        caseId: one.id,
        sopInstanceUid: `2.25.${index}.2`,
        laterality: "L",
        view: "CC",
        rows: 1,
        columns: 1,
        bitsStored: 8,
        photometricInterpretation: "MONOCHROME2",
        blobKey: "instances/a.dcm",
        sha256: `digest-${index}`,
        comparedAt: new Date("2026-01-01T00:00:00Z"),
        sizeBytes: 1,
      },
    });
  }
  const recipe = { actorId, purpose: "", siteIds: [site.id], fractions, seed: 5 };
  ({ cohortId } = await createCohort(db, { ...recipe, name: "Frozen" }));
  ({ cohortId: draftCohortId } = await createCohort(db, { ...recipe, name: "Draft" }));
  const run = await db.trainingRun.create({ data: { name: "Run", cohortId, plan: {} } });
  const checkpoint = await db.checkpoint.create({
    data: { name: "One", sha256: "s", blobKey: "b", manifest: {}, runId: run.id, roundNumber: 1 },
  });
  checkpointId = checkpoint.id;
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const draft = (): NewValidationRound => ({
  actorId,
  name: "Spring",
  cohortId,
  split: "internal-test",
  primaryMetric: "auc",
  operatingPoint: { rule: "youden" },
  checkpointIds: [checkpointId],
});

describe("a cohort", () => {
  test("takes only subjects with a reference standard", async () => {
    expect((await loadCohort(database.db, cohortId)).subjectCount).toBe(3);
  });

  test("has a digest that depends on the membership alone, and freezes once", async () => {
    const { db } = database;
    const at = new Date("2026-01-01T00:00:00Z");
    const { digest } = await freezeCohort(db, { actorId, cohortId, at });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await expect(freezeCohort(db, { actorId, cohortId, at })).rejects.toThrow(/frozen already/);
    const site = await db.site.findFirstOrThrow();
    const recipe = { actorId, purpose: "", siteIds: [site.id], fractions };
    const same = await createCohort(db, { ...recipe, name: "Same", seed: 5 });
    expect(await freezeCohort(db, { actorId, cohortId: same.cohortId, at })).toEqual({ digest });
    const other = await createCohort(db, {
      ...recipe,
      name: "Other",
      seed: 5,
      fractions: { train: 0, tuning: 0, "internal-test": 1 },
    });
    expect((await freezeCohort(db, { actorId, cohortId: other.cohortId, at })).digest).not.toBe(digest);
  });

  test("counts subjects, cases and images per split", async () => {
    const { balances } = await loadCohort(database.db, cohortId);
    const sum = (field: "subjectCount" | "malignantSubjectCount" | "imageCount") =>
      balances.reduce((total, balance) => total + (balance[field] ?? 0), 0);
    expect([sum("subjectCount"), sum("malignantSubjectCount"), sum("imageCount")]).toEqual([3, 1, 3]);
  });
});

describe("a validation round", () => {
  test("needs a frozen cohort with cases in the split, and checkpoints that exist", async () => {
    const { db } = database;
    await expect(createValidationRound(db, { ...draft(), cohortId: draftCohortId })).rejects.toThrow(
      /frozen/,
    );
    await expect(createValidationRound(db, { ...draft(), split: "external-test" })).rejects.toThrow(
      /no cases/,
    );
    await expect(createValidationRound(db, { ...draft(), checkpointIds: [cohortId] })).rejects.toThrow(
      /does not exist/,
    );
  });

  test("is published once, with every checkpoint evaluated, and is immutable from then on", async () => {
    const { db } = database;
    const { validationRoundId } = await createValidationRound(db, draft());
    const publish = { actorId, validationRoundId, at: new Date("2026-01-02T00:00:00Z") };
    await expect(publishValidationRound(db, publish)).rejects.toThrow(/no evaluation/);
    const evaluation = await db.evaluation.create({
      data: { checkpointId, cohortId, split: "internal_test", report: {} },
    });
    await expect(publishValidationRound(db, publish)).rejects.toThrow(/has finished/);
    await db.validationRound.update({ where: { id: validationRoundId }, data: { state: "reading" } });
    await publishValidationRound(db, publish);
    expect(await loadValidationRound(db, validationRoundId)).toMatchObject({
      state: "published",
      publishedAt: publish.at,
    });
    await expect(publishValidationRound(db, publish)).rejects.toThrow(/immutable|can be published/);
    await expect(
      db.evaluation.update({ where: { id: evaluation.id }, data: { report: { changed: true } } }),
    ).rejects.toThrow(/immutable/);
    await expect(
      db.validationRound.update({ where: { id: validationRoundId }, data: { name: "Renamed" } }),
    ).rejects.toThrow(/immutable/);
  });
});
