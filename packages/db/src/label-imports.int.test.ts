import { unknownBreast } from "@crossread/contracts/breast-label";
import type { LabelImportRow, LabelMapping, LabelTable } from "@crossread/contracts/label-import";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  cancer,
  changeByHand,
  labelStateOf,
  seedBlindReader,
  seedLabelledWorld,
  tickingClock,
  type LabelledWorld,
} from "../../../tests/labelled-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { planLabelImport } from "./label-import-plan.ts";
import { planUndo, undoLabelImport } from "./label-import-undo.ts";
import {
  applyLabelImport,
  findLabelMapping,
  listLabelImports,
  loadLabelImportReport,
} from "./label-imports.ts";

let database: TestDatabase;
let world: LabelledWorld;
const now = tickingClock();

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  world = await seedLabelledWorld(database.db, 3);
});

const stateOf = (id = world.caseId) => labelStateOf(database.db, id);

const mapping: LabelMapping = {
  columns: { pseudonym: "id" },
  findings: {},
  dateOrder: "ymd",
  source: "pathology",
  densitySource: "reader",
  areHospitalIds: false,
  normalMeansBoth: false,
};

const row = (rowNumber: number, index: number, breasts: LabelImportRow["breasts"]): LabelImportRow => ({
  rowNumber,
  key: { by: "pseudonym", pseudonym: `SECRET-${index}`, studyDate: null },
  breasts,
});

const tableOf = (rows: LabelImportRow[], refusedRows: LabelTable["refusedRows"] = []): LabelTable => ({
  siteId: world.siteId,
  fileSha256: "a".repeat(64),
  rows,
  refusedRows,
});

async function apply(rows: LabelImportRow[], extra: Partial<Parameters<typeof applyLabelImport>[1]> = {}) {
  const table = tableOf(rows);
  const plan = await planLabelImport(database.db, world.keeper, table);
  return applyLabelImport(database.db, {
    viewer: world.keeper,
    table,
    mapping,
    reason: "Registry of 2026",
    planDigest: plan.digest,
    acknowledgesFrozen: true,
    now: now(),
    ...extra,
  });
}

describe("a table of labels", () => {
  test("is told row by row before anything is written, then written as it was told", async () => {
    const rows = [
      row(2, 0, { R: { birads: "1" } }),
      row(3, 1, { L: { finding: "malignant", source: "pathology" } }),
      row(4, 2, { R: { finding: "normal", source: "data-set" } }),
      row(5, 9, { R: { birads: "1" } }),
      row(6, 2, { L: { finding: "benign", source: "reader-consensus", birads: "3" } }),
    ];
    const plan = await planLabelImport(
      database.db,
      world.keeper,
      tableOf(rows, [{ rowNumber: 7, problem: "It says nothing." }]),
    );
    expect(plan.outcomes.map(({ rowNumber, outcome, message }) => [rowNumber, outcome, message])).toEqual([
      [2, "new", null],
      [3, "changed", null],
      [4, "same", null],
      [5, "refused", "There is no patient with this pseudonym at this site."],
      [6, "refused", expect.stringMatching(/^L: BI-RADS 3 is probably benign/)],
      [7, "refused", "It says nothing."],
    ]);
    expect(plan.counts).toEqual({ new: 1, changed: 1, same: 1, refused: 3 });
    expect(plan.frozenCohorts).toMatchObject([{ digest: "d", caseCount: 2 }]);
    expect((await stateOf()).version).toBe(0);

    const { importId } = await apply(rows);
    expect((await stateOf()).labels.breasts.L).toMatchObject({ finding: "malignant", source: "pathology" });
    expect((await stateOf(world.caseIds[0])).labels.breasts.R.birads).toBe("1");
    expect((await stateOf(world.caseIds[2])).version).toBe(0);
    expect(await listLabelImports(database.db, { viewer: world.keeper })).toMatchObject([
      {
        importId,
        creatorName: "outsider",
        reason: "Registry of 2026",
        undone: null,
        counts: { new: 1, changed: 1, same: 1, refused: 2 },
      },
    ]);
    expect(
      (await loadLabelImportReport(database.db, world.keeper, importId)).map(({ outcome }) => outcome),
    ).toEqual(["new", "changed", "same", "refused", "refused"]);
    expect(await findLabelMapping(database.db, world.keeper, world.siteId)).toEqual(mapping);
    const actions = await database.db.auditEvent.findMany({
      orderBy: { sequence: "asc" },
      select: { action: true, reason: true },
    });
    expect(actions).toEqual([
      { action: "cohort.labels-changed-after-freeze", reason: "Registry of 2026" },
      { action: "labels.import", reason: "Registry of 2026" },
    ]);
  });

  test("names a case by date or UID where a patient has several studies, and by nothing of another site", async () => {
    const { db } = database;
    const first = await db.case.findUniqueOrThrow({ where: { id: world.caseId }, include: { study: true } });
    const second = await db.study.create({
      data: {
        siteId: world.siteId,
        subjectId: first.subjectId,
        studyInstanceUid: "2.25.99",
        studyDate: new Date("2025-05-05"),
      },
    });
    await db.case.create({
      data: { siteId: world.siteId, subjectId: first.subjectId, studyId: second.id, label: "SECOND" },
    });
    const elsewhere = await db.study.findFirstOrThrow({ where: { siteId: world.siteIds[1] ?? "" } });
    const say = { L: { birads: "2" } } as const;
    const key = (studyDate: string | null) => ({
      by: "pseudonym" as const,
      pseudonym: "SECRET-1",
      studyDate,
    });
    const plan = await planLabelImport(
      db,
      world.keeper,
      tableOf([
        { rowNumber: 2, key: key(null), breasts: say },
        { rowNumber: 3, key: key("2025-05-05"), breasts: say },
        { rowNumber: 4, key: key("2025-05-06"), breasts: say },
        { rowNumber: 5, key: { by: "study", studyInstanceUid: first.study.studyInstanceUid }, breasts: say },
        { rowNumber: 6, key: { by: "study", studyInstanceUid: elsewhere.studyInstanceUid }, breasts: say },
      ]),
    );
    expect(plan.outcomes.map(({ caseLabel, message }) => caseLabel ?? message)).toEqual([
      "There is 2 studies of this patient: the row needs the study date.",
      "SECOND",
      "There is no study of this patient on this date.",
      "SECRET-CASE-1",
      "There is no study with this UID at this site.",
    ]);
  });

  test("takes neither of two rows that contradict each other, and both of two that agree", async () => {
    const plan = await planLabelImport(
      database.db,
      world.keeper,
      tableOf([
        row(2, 0, { R: { birads: "1" } }),
        row(3, 0, { R: { birads: "2" } }),
        row(4, 1, { R: { birads: "1" } }),
        row(5, 1, { R: { birads: "1" }, L: { birads: "2" } }),
      ]),
    );
    expect(plan.outcomes.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "new", "new"]);
    expect(plan.outcomes[0]?.message).toMatch(/contradicts row 3/);
    expect(plan.changes.map(({ state }) => state.caseId)).toEqual([world.caseId]);
  });

  test("is not written where a label changed after the preview, or a frozen cohort was not confirmed", async () => {
    const rows = [row(2, 1, { R: { birads: "2" } })];
    const { digest } = await planLabelImport(database.db, world.keeper, tableOf(rows));
    await expect(apply(rows, { acknowledgesFrozen: false })).rejects.toMatchObject({ code: "conflict" });
    await changeByHand(database.db, world, { breasts: { R: cancer }, now: now() });
    await expect(apply(rows, { planDigest: digest })).rejects.toMatchObject({ code: "conflict" });
    expect(await database.db.labelImport.count()).toBe(0);
    expect((await stateOf()).labels.breasts.R).toEqual(cancer);
  });

  test("is written whole or not at all", async () => {
    const rows = [0, 1, 2].map((index) => row(index + 2, index, { R: { birads: "2" } }));
    const { db } = database;
    await db.$executeRawUnsafe(
      `ALTER TABLE assessments ADD CONSTRAINT broken CHECK (case_id <> '${world.caseIds[2]}')`,
    );
    await expect(apply(rows)).rejects.toThrow("broken");
    expect(await database.db.assessment.count()).toBe(0);
    expect(await database.db.labelImport.count()).toBe(0);
    expect((await stateOf()).version).toBe(0);
    await db.$executeRaw`ALTER TABLE assessments DROP CONSTRAINT broken`;
  });

  test("tells a person who still has to read a case blind nothing of it, before or after", async () => {
    const reader = await seedBlindReader(database.db, world);
    const plan = await planLabelImport(
      database.db,
      reader,
      tableOf([row(2, 1, { R: { finding: "malignant", source: "pathology" } })]),
    );
    expect(plan.outcomes).toEqual([
      {
        rowNumber: 2,
        outcome: "refused",
        caseId: null,
        caseLabel: null,
        message: "There is a case that you still have to read blind.",
      },
    ]);
    // What somebody else imported about such a case is not shown either.
    const done = await apply([row(2, 1, { R: { finding: "malignant", source: "pathology" } })]);
    expect(await loadLabelImportReport(database.db, reader, done.importId)).toEqual([]);
    expect(await loadLabelImportReport(database.db, world.keeper, done.importId)).toHaveLength(1);
    const undo = await planUndo(database.db, reader, done.importId);
    expect(undo).toMatchObject({ changes: [], kept: [{ caseLabel: "a case of yours" }] });
  });
});

describe("the undo of an import", () => {
  test("restores what was in force, but for labels changed since by hand, and says which", async () => {
    await database.db.case.update({ where: { id: world.caseId }, data: { density: "F" } });
    const before = await Promise.all([0, 1].map((index) => stateOf(world.caseIds[index])));
    const { importId } = await apply([
      row(2, 0, { R: { finding: "benign", source: "pathology", birads: "4A" } }),
      {
        ...row(3, 1, { R: { birads: "2" }, L: { finding: "malignant", source: "pathology" } }),
        density: { value: "B", source: "reader" },
      },
    ]);
    expect((await stateOf()).labels.density).toEqual({ value: "B", source: "reader" });
    await changeByHand(database.db, world, {
      breasts: { L: { ...unknownBreast, finding: "benign", source: "pathology" } },
      now: now(),
    });

    const plan = await planUndo(database.db, world.keeper, importId);
    expect(plan.kept).toEqual([
      {
        caseLabel: "SECRET-CASE-1",
        what: "left breast",
        why: expect.stringMatching(/^changed since by outsider on 2100/),
      },
    ]);
    const undo = {
      viewer: world.keeper,
      importId,
      reason: "Wrong year",
      acknowledgesFrozen: true,
      now: now(),
    };
    await expect(undoLabelImport(database.db, { ...undo, acknowledgesFrozen: false })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await undoLabelImport(database.db, undo)).toMatchObject({
      restoredCaseCount: 2,
      kept: [{ what: "left breast" }],
    });

    const first = await stateOf(world.caseIds[0]);
    expect(first.labels).toEqual(before[0]?.labels);
    const second = await stateOf();
    expect(second.labels.breasts.R).toEqual(before[1]?.labels.breasts.R);
    expect(second.labels.breasts.L).toMatchObject({ finding: "benign" });
    // The data set's own word for the density is no A to D, and is back all the same.
    expect(second.importedDensity?.value).toBe("F");
    await expect(undoLabelImport(database.db, undo)).rejects.toMatchObject({ code: "conflict" });
    expect(await listLabelImports(database.db, { viewer: world.keeper })).toMatchObject([
      { undone: { reason: "Wrong year" } },
    ]);
    expect(await database.db.auditEvent.count({ where: { action: "labels.import-undone" } })).toBe(1);
  });

  test("of another site's import is as if it did not exist", async () => {
    const { importId } = await apply([row(2, 1, { R: { birads: "2" } })]);
    const stranger = { userId: world.outsiderId, scope: [world.siteIds[1] ?? ""] };
    await expect(planUndo(database.db, stranger, importId)).rejects.toMatchObject({ code: "not-found" });
    await expect(loadLabelImportReport(database.db, stranger, importId)).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(findLabelMapping(database.db, stranger, world.siteId)).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});
