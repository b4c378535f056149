import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  seedBlindReader,
  seedLabelledWorld,
  tickingClock,
  type LabelledWorld,
} from "../../../tests/labelled-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { verifyAudit } from "./audit.ts";
import { changeReferenceMarks } from "./reference-marks.ts";
import { changeLabels } from "./reference-standards.ts";
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
  world = await seedLabelledWorld(database.db, 2);
});

const load = () => loadStudy(database.db, world.keeper, world.studyId);
const marksInForce = async () => (await load()).images.flatMap(({ referenceMarks }) => referenceMarks);

async function newMark(change: Partial<ReferenceMark> = {}): Promise<ReferenceMark> {
  const [image] = (await load()).images;
  return {
    markId: crypto.randomUUID(),
    instanceId: image?.instanceId ?? "",
    geometry: { shape: "ellipse", xPx: 3, yPx: 4, radiusXPx: 2, radiusYPx: 1, rotationRad: 0.5 },
    kind: "mass",
    descriptors: { shape: "irregular", margin: "spiculated", density: "high" },
    finding: "malignant",
    pathology: "invasive",
    ...change,
  };
}

async function change(
  marks: readonly ReferenceMark[],
  extra: Partial<Parameters<typeof changeReferenceMarks>[1]> = {},
) {
  return changeReferenceMarks(database.db, {
    viewer: world.keeper,
    caseId: world.caseId,
    version: (await load()).labelVersion,
    marks,
    reason: "Second look at the biopsy",
    acknowledgesFrozen: true,
    now: now(),
    ...extra,
  });
}

test("marks are drawn, changed and deleted; each change is a version of the labels with its reason", async () => {
  const drawn = await newMark();
  expect(await change([drawn])).toEqual({ version: 1 });
  const [stored] = await marksInForce();
  if (stored === undefined) throw new Error("nothing stored");
  expect({ ...stored, markId: drawn.markId }).toEqual(drawn);

  const moved = { ...stored, geometry: { shape: "point", xPx: 1, yPx: 1 } as const };
  const other = await newMark({ kind: "calcification", descriptors: { distribution: "grouped" } });
  expect(await change([moved, other])).toEqual({ version: 2 });
  const after = await marksInForce();
  expect(after.map(({ kind, geometry }) => `${kind} ${geometry.shape}`).toSorted()).toEqual([
    "calcification ellipse",
    "mass point",
  ]);
  expect(await change(after.filter(({ kind }) => kind === "mass"))).toEqual({ version: 3 });
  expect(await marksInForce()).toHaveLength(1);

  const history = (await load()).labelHistory.filter(({ statement }) => statement.kind === "mark");
  expect(history).toHaveLength(3);
  expect(history.filter(({ superseded }) => superseded === null)).toHaveLength(1);
  expect(history.at(-1)).toMatchObject({
    creatorName: "outsider",
    reason: "Second look at the biopsy",
    superseded: { byName: "outsider", reason: "Second look at the biopsy" },
    statement: { mark: { geometry: { shape: "ellipse" }, descriptors: { margin: "spiculated" } } },
  });
  const events = await database.db.auditEvent.findMany({
    where: { action: "reference-marks.change" },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ details }) => details)).toMatchObject([
    { changes: [{ from: null, to: { kind: "mass", pathology: "invasive" } }] },
    { changes: [{ from: { shape: "ellipse" }, to: { shape: "point" } }, { from: null }] },
    { changes: [{ from: { kind: "calcification" }, to: null }] },
  ]);
  expect(events[0]).toMatchObject({ entityId: world.caseId, reason: "Second look at the biopsy" });
  expect(await verifyAudit(database.db)).toMatchObject({ isIntact: true });
});

test("what was in force before can be put back in force, and nothing is a change where nothing differs", async () => {
  await change([await newMark()]);
  const before = await marksInForce();
  await change([]);
  expect(await marksInForce()).toEqual([]);
  await change(before);
  const after = await marksInForce();
  expect(after.map(({ markId: _id, ...content }) => content)).toEqual(
    before.map(({ markId: _id, ...content }) => content),
  );
  const { labelVersion } = await load();
  expect(await change(after)).toEqual({ version: labelVersion });
});

test("marks made from labels that somebody else changed meanwhile are refused, nothing is stored", async () => {
  const study = await load();
  await changeLabels(database.db, {
    viewer: world.keeper,
    caseId: world.caseId,
    version: study.labelVersion,
    labels: { ...study.labels, density: { value: "B", source: "reader" } },
    reason: "Density read",
    acknowledgesFrozen: true,
    now: now(),
  });
  await expect(change([await newMark()], { version: study.labelVersion })).rejects.toMatchObject({
    code: "conflict",
  });
  expect(await marksInForce()).toEqual([]);
});

test("of two changes at once one is stored and the other one is a conflict", async () => {
  const version = (await load()).labelVersion;
  const marks = [await newMark(), await newMark({ kind: "other", descriptors: {} })];
  const outcomes = await Promise.allSettled(marks.map((mark) => change([mark], { version })));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await marksInForce()).toHaveLength(1);
});

test("a mark outside of its image, on another case or with foreign descriptors is refused", async () => {
  const elsewhere = await database.db.instance.findFirstOrThrow({
    where: { caseId: world.caseIds[0] ?? "" },
  });
  for (const wrong of [
    { geometry: { shape: "point", xPx: -1, yPx: 0 } },
    { instanceId: elsewhere.id },
    { descriptors: { distribution: "grouped" } },
    { finding: "benign" },
  ] as const) {
    await expect(change([await newMark(wrong)])).rejects.toMatchObject({ code: "label-invalid" });
  }
  expect((await load()).labelVersion).toBe(0);
});

test("a frozen cohort's case needs the word for it; the cohort records it", async () => {
  await expect(change([await newMark()], { acknowledgesFrozen: false })).rejects.toMatchObject({
    code: "conflict",
  });
  await change([await newMark()]);
  expect(
    await database.db.auditEvent.count({ where: { action: "cohort.labels-changed-after-freeze" } }),
  ).toBe(1);
});

test("the case does not exist for other sites and for whoever still has to read it blind", async () => {
  const mark = await newMark();
  const stranger = { userId: world.keeper.userId, scope: [world.siteIds[1] ?? ""] };
  await expect(change([mark], { viewer: stranger })).rejects.toMatchObject({ code: "not-found" });
  const reader = await seedBlindReader(database.db, world);
  await expect(change([mark], { viewer: { ...reader, scope: world.keeper.scope } })).rejects.toMatchObject({
    code: "not-found",
  });
  expect(await marksInForce()).toEqual([]);
});

test("a reader's mark has no history of the reference standard", async () => {
  const instance = await database.db.instance.findFirstOrThrow({ where: { caseId: world.caseId } });
  await expect(
    database.db.annotation.create({
      data: { instanceId: instance.id, source: "reader", geometry: {}, kind: "mass", pathology: "benign" },
    }),
  ).rejects.toThrow("annotations_history_check");
});
