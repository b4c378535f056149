import { randomUUID } from "node:crypto";
import { identityTransform } from "@crossread/contracts/copy-transform";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { assertCohortClean, listCohortLeaks, loadCohortCleanliness } from "./cohort-leaks.ts";
import { createCohort } from "./cohort-draw.ts";
import { freezeCohort } from "./cohort-freeze.ts";
import { recordComparison } from "./image-comparison.ts";
import { excludeFromCohort, linkSubjects, recordNoLeak, undoLeakDecision } from "./leak-decisions.ts";

let database: TestDatabase;
const at = new Date("2026-11-23T10:00:00Z");
const fractions = { train: 0.5, tuning: 0, "internal-test": 0.5 };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** A site with subjects of one case and image each, and a cohort of them with half in train and half in internal-test. */
async function world(subjectCount: number) {
  const { db } = database;
  const site = await db.site.create({
    data: { code: randomUUID().slice(0, 8), name: "S", colourIndex: 0, acquisition: "digital" },
  });
  const images: { instanceId: string; subjectId: string; caseId: string }[] = [];
  for (let number = 0; number < subjectCount; number++) {
    const uid = `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
    const ofSite = { siteId: site.id };
    const subject = await db.subject.create({ data: { ...ofSite, pseudonym: `P-${number}` } });
    const study = await db.study.create({
      data: { ...ofSite, subjectId: subject.id, studyInstanceUid: uid },
    });
    const series = await db.series.create({ data: { studyId: study.id, seriesInstanceUid: uid } });
    const one = await db.case.create({
      data: { ...ofSite, subjectId: subject.id, studyId: study.id, label: `C-${number}` },
    });
    const instance = await db.instance.create({
      data: {
        ...ofSite,
        seriesId: series.id,
        caseId: one.id,
        sopInstanceUid: uid,
        laterality: "R",
        view: "CC",
        rows: 8,
        columns: 8,
        bitsStored: 12,
        photometricInterpretation: "MONOCHROME2",
        blobKey: "b",
        sha256: uid,
        sizeBytes: 1,
      },
    });
    await db.referenceStandard.create({
      data: {
        caseId: one.id,
        laterality: "R",
        finding: number % 2 === 0 ? "benign" : "malignant",
        source: "data_set",
      },
    });
    images.push({ instanceId: instance.id, subjectId: subject.id, caseId: one.id });
  }
  const { cohortId } = await createCohort(db, {
    actorId: null,
    name: randomUUID(),
    purpose: "",
    siteIds: [site.id],
    fractions,
    seed: 1,
  });
  const splitOf = new Map(
    (await db.cohortSubject.findMany({ where: { cohortId } })).map((row) => [row.subjectId, row.split]),
  );
  const find = (split: "train" | "internal_test") =>
    images.filter(({ subjectId }) => splitOf.get(subjectId) === split);
  return { site, images, cohortId, train: find("train"), test: find("internal_test") };
}

const pairOf = (
  first: { instanceId: string },
  second: { instanceId: string },
  kind: "exact" | "near" = "near",
) => ({
  firstInstanceId: first.instanceId,
  secondInstanceId: second.instanceId,
  kind,
  score: 0.7,
  transform: identityTransform,
});

describe("the split guardian's record", () => {
  test("blocks a cohort for a pair across splits, found from either side once, until it is decided", async () => {
    const { db } = database;
    const { cohortId, images, test: held, train } = await world(8);
    const [a, b] = [train[0]!, held[0]!];
    expect(await loadCohortCleanliness(db, cohortId)).toMatchObject({ blockingCount: 0, uncomparedCount: 8 });
    for (const image of images) {
      const pairs = image === a ? [pairOf(b, a)] : image === b ? [pairOf(a, b)] : [];
      await recordComparison(db, { instanceId: image.instanceId, pairs, at });
    }
    const cohort = { cohortId, name: "K", needsAllCompared: true };
    const [leak, ...others] = await listCohortLeaks(db, cohortId);
    expect(others).toEqual([]);
    expect(leak).toMatchObject({
      kind: "near",
      crosses: "splits",
      isBlocking: true,
      decision: null,
      score: 0.7,
    });
    await expect(assertCohortClean(db, cohort)).rejects.toThrow(/Cohort "K" has 1 pair of copied images/);
    await expect(freezeCohort(db, { actorId: (await someone()).id, cohortId, at })).rejects.toThrow(
      /copied images/,
    );

    await recordNoLeak(db, { actorId: null, pairId: leak!.pairId, reason: "Looked at: two films", at });
    await assertCohortClean(db, cohort);
    await expect(
      recordNoLeak(db, { actorId: null, pairId: leak!.pairId, reason: "again", at }),
    ).rejects.toThrow(/decided already/);
    const [decided] = await listCohortLeaks(db, cohortId);
    await undoLeakDecision(db, {
      actorId: null,
      decisionId: decided!.decision!.id,
      verdict: "no-leak",
      reason: "A second look",
      at,
    });
    await expect(assertCohortClean(db, cohort)).rejects.toThrow(/copied images/);
  });

  test("takes a case out of a draft, and never out of a frozen cohort", async () => {
    const { db } = database;
    const { cohortId, test: held, train } = await world(8);
    await recordComparison(db, {
      instanceId: train[0]!.instanceId,
      pairs: [pairOf(train[0]!, held[0]!)],
      at,
    });
    const [leak] = await listCohortLeaks(db, cohortId);
    const exclude = { actorId: null, pairId: leak!.pairId, cohortId, reason: "Copy", at };
    await expect(excludeFromCohort(db, { ...exclude, caseId: train[1]!.caseId })).rejects.toThrow(
      /The pair has no such case/,
    );
    await excludeFromCohort(db, { ...exclude, caseId: held[0]!.caseId });
    expect(await listCohortLeaks(db, cohortId)).toEqual([]);
    expect(await db.cohortSubject.count({ where: { cohortId, subjectId: held[0]!.subjectId } })).toBe(0);
    const { digest } = await freezeCohort(db, { actorId: (await someone()).id, cohortId, at });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await expect(freezeCohort(db, { actorId: (await someone()).id, cohortId, at })).rejects.toThrow(
      /frozen already/,
    );
    await expect(excludeFromCohort(db, { ...exclude, caseId: train[0]!.caseId })).rejects.toThrow(/frozen/);
  });

  test("keeps a linked woman in one split of new cohorts, blocks frozen ones, and can be undone", async () => {
    const { db } = database;
    const { cohortId, images, site, test: held, train } = await world(8);
    const frozen = await freezeCohort(db, { actorId: (await someone()).id, cohortId, at });
    for (const image of images) {
      const pairs = image === train[0] ? [pairOf(train[0]!, held[0]!)] : [];
      await recordComparison(db, { instanceId: image.instanceId, pairs, at });
    }
    const [leak] = await listCohortLeaks(db, cohortId);
    await linkSubjects(db, { actorId: null, pairId: leak!.pairId, reason: "Same marker", at });
    await expect(assertCohortClean(db, { cohortId, name: "F", needsAllCompared: true })).rejects.toThrow(
      /1 woman in two splits/,
    );
    expect((await db.cohort.findUniqueOrThrow({ where: { id: cohortId } })).digest).toBe(frozen.digest);

    const recipe = { actorId: null, purpose: "", siteIds: [site.id], fractions, seed: 1 };
    const fresh = await createCohort(db, { ...recipe, name: randomUUID() });
    const splits = await db.cohortSubject.findMany({
      where: { cohortId: fresh.cohortId, subjectId: { in: [train[0]!.subjectId, held[0]!.subjectId] } },
    });
    expect(new Set(splits.map(({ split }) => split)).size).toBe(1);
    await assertCohortClean(db, { cohortId: fresh.cohortId, name: "N", needsAllCompared: true });

    const [linked] = await listCohortLeaks(db, cohortId);
    expect(linked!.decision).toMatchObject({ verdict: "one-woman", reason: "Same marker" });
    const undo = {
      actorId: null,
      decisionId: linked!.decision!.id,
      verdict: "one-woman",
      reason: "Wrong",
      at,
    } as const;
    await undoLeakDecision(db, undo);
    await expect(undoLeakDecision(db, undo)).rejects.toThrow(/not in force/);
    await expect(assertCohortClean(db, { cohortId, name: "F", needsAllCompared: true })).rejects.toThrow(
      /1 pair of copied images/,
    );
  });

  test("keeps every decision: no row changes or goes", async () => {
    const { db } = database;
    const { cohortId, test: held, train } = await world(4);
    await recordComparison(db, {
      instanceId: train[0]!.instanceId,
      pairs: [pairOf(train[0]!, held[0]!, "exact")],
      at,
    });
    const [leak] = await listCohortLeaks(db, cohortId);
    await recordNoLeak(db, { actorId: null, pairId: leak!.pairId, reason: "Phantom", at });
    const decision = await db.pairDecision.findFirstOrThrow({ where: { pairId: leak!.pairId } });
    await expect(
      db.pairDecision.update({ where: { id: decision.id }, data: { reason: "Other" } }),
    ).rejects.toThrow(/is kept/);
    await expect(db.pairDecision.delete({ where: { id: decision.id } })).rejects.toThrow(/is kept/);
    const events = await db.auditEvent.findMany({ where: { entityId: leak!.pairId } });
    expect(events.map(({ action, reason }) => [action, reason])).toEqual([["leak.no-leak", "Phantom"]]);
  });

  test("refuses sites of different acquisition unless it is allowed", async () => {
    const { db } = database;
    const { site } = await world(4);
    const film = await db.site.create({
      data: { code: randomUUID().slice(0, 8), name: "Film", colourIndex: 1, acquisition: "film_digitised" },
    });
    const recipe = { actorId: null, purpose: "", siteIds: [site.id, film.id], fractions, seed: 1 };
    await expect(createCohort(db, { ...recipe, name: randomUUID() })).rejects.toThrow(/different domains/);
    await createCohort(db, { ...recipe, name: randomUUID(), allowsMixedAcquisition: true });
  });
});

async function someone(): Promise<{ id: string }> {
  return database.db.user.create({
    data: { email: `${randomUUID()}@x.test`, name: "A", passwordHash: "-" },
    select: { id: true },
  });
}
