import { unknownBreast, type CaseLabels } from "@crossread/contracts/breast-label";
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
import { verifyAudit } from "./audit.ts";
import type { changeLabels } from "./reference-standards.ts";
import { loadStudy } from "./study-detail.ts";

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

const stateOf = () => labelStateOf(database.db, world.caseId);
const change = (
  breasts: Partial<CaseLabels["breasts"]>,
  extra: Partial<Parameters<typeof changeLabels>[1]> = {},
) => changeByHand(database.db, world, { breasts, now: now(), ...extra });

describe("a change by hand", () => {
  test("keeps BI-RADS 4 of a report that does not subdivide it as it is", async () => {
    await change({ R: { ...cancer, birads: "4" } });
    expect((await stateOf()).labels.breasts.R.birads).toBe("4");
  });

  test("puts labels in force with who, when and why; the former ones stay and the audit log tells", async () => {
    await change({ R: { ...cancer, isIntervalCancer: true } });
    const study = await loadStudy(database.db, world.keeper, world.studyId);
    expect(study).toMatchObject({
      labelState: "malignant",
      labelVersion: 1,
      labels: { breasts: { R: { ...cancer, isIntervalCancer: true }, L: { finding: "normal" } } },
    });
    const right = study.labelHistory.filter(
      ({ statement }) => statement.kind === "reference" && statement.laterality === "R",
    );
    expect(
      right.map(({ statement, creatorName, reason, superseded }) => ({
        statement,
        creatorName,
        reason,
        superseded,
      })),
    ).toMatchObject([
      {
        statement: { finding: "malignant" },
        creatorName: "outsider",
        reason: "Biopsy report arrived",
        superseded: null,
      },
      {
        statement: { finding: "normal" },
        creatorName: null,
        superseded: { byName: "outsider", reason: "Biopsy report arrived" },
      },
    ]);
    const event = await database.db.auditEvent.findFirstOrThrow({ where: { action: "reference.change" } });
    expect(event).toMatchObject({
      entityId: world.caseId,
      reason: "Biopsy report arrived",
      details: { R: { from: { finding: "normal" }, to: { finding: "malignant" } } },
    });
    expect((await verifyAudit(database.db)).isIntact).toBe(true);
  });

  test("made from an older version is a conflict and stores nothing", async () => {
    await change({ R: cancer });
    await expect(change({ L: cancer }, { version: 0 })).rejects.toMatchObject({ code: "conflict" });
    expect((await stateOf()).labels.breasts.L.finding).toBe("normal");
  });

  test("of two people at once is stored once", async () => {
    const outcomes = await Promise.allSettled([
      change({ R: cancer }, { version: 0 }),
      change({ L: cancer }, { version: 0 }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect((await stateOf()).version).toBe(1);
  });

  test("needs a reason, keeps the rules, and reaches no case of another site", async () => {
    await expect(change({ R: cancer }, { reason: "  " })).rejects.toMatchObject({ code: "usage" });
    await expect(
      change({ R: { ...unknownBreast, finding: "benign", source: "reader-consensus", birads: "3" } }),
    ).rejects.toMatchObject({ code: "label-invalid", message: expect.stringMatching(/^Right: BI-RADS 3/) });
    await expect(change({ R: cancer }, { caseId: world.caseIds[4] ?? "" })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("under a frozen cohort is confirmed first, then recorded with the cohort, whose digest stays", async () => {
    await expect(change({ R: cancer }, { acknowledgesFrozen: false })).rejects.toMatchObject({
      code: "conflict",
    });
    await change({ R: cancer });
    const event = await database.db.auditEvent.findFirstOrThrow({
      where: { action: "cohort.labels-changed-after-freeze" },
    });
    expect(event).toMatchObject({
      entityId: world.cohortId,
      details: { digest: "d", case: world.caseId, caseCount: 1 },
    });
    expect(await database.db.cohort.findUniqueOrThrow({ where: { id: world.cohortId } })).toMatchObject({
      digest: "d",
    });
  });

  test("keeps a density unknown until somebody says it, and says who said it", async () => {
    expect((await stateOf()).labels.density).toBeNull();
    const { labels, version } = await stateOf();
    await change({}, { version, labels: { ...labels, density: { value: "C", source: "vendor" } } });
    expect(await loadStudy(database.db, world.keeper, world.studyId)).toMatchObject({
      density: "C",
      labels: { density: { value: "C", source: "vendor" } },
    });
    await change({}, { version: 1, labels });
    expect(await loadStudy(database.db, world.keeper, world.studyId)).toMatchObject({
      density: null,
      labels: { density: null },
    });
  });

  test("is refused to a person who still has to read the case blind, whatever their roles", async () => {
    const reader = await seedBlindReader(database.db, world);
    await expect(change({ R: cancer }, { viewer: reader })).rejects.toMatchObject({ code: "not-found" });
  });
});
