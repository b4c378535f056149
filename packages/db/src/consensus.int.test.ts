import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitrationWorld, type ArbitrationWorld } from "../../../tests/arbitration-world.ts";
import { answersOf, seedRadiologist, seedReadStudy, setReference } from "../../../tests/read-study.ts";
import { decideCase, negative, recalled } from "../../../tests/opened-arbitration.ts";
import { listSettledBreasts } from "./consensus-list.ts";
import { whereIndependentOf } from "./consensus-provenance.ts";
import { applyConsensus } from "./consensus.ts";
import { loadLabelHistory } from "./label-history.ts";
import { loadLabelStates } from "./label-state.ts";
import { loadReaderStudyData } from "./reader-study-data.ts";
import { changeLabels } from "./reference-standards.ts";

let world: ArbitrationWorld;
const now = new Date("2027-01-05T10:00:00Z");

beforeAll(async () => {
  world = await arbitrationWorld(now);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("a consensus", () => {
  async function decidedCase() {
    const study = await world.openedStudy();
    const key = await study.firstOf(world.arbitratorIds[0]);
    await decideCase(world.db, key, { answers: recalled, now });
    const { caseId } = await world.db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const request = {
      viewer: { userId: world.adminId, scope: "all" as const },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "L" as const,
      finding: "malignant" as const,
      reason: "Arbitration of the study",
      version: (await world.db.case.findUniqueOrThrow({ where: { id: caseId } })).labelVersion,
      acknowledgesFrozen: true,
      now,
    };
    return { ...study, key, caseId, request };
  }

  test("becomes the reference standard with its arbitration and readings, and stays in the history", async () => {
    const { db } = world;
    const { caseId, key, readerStudyId, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await expect(applyConsensus(db, { ...request, finding: "benign" })).rejects.toMatchObject({
      code: "label-invalid",
    });
    await expect(applyConsensus(db, { ...request, acknowledgesFrozen: false })).rejects.toThrow(
      /Frozen cohort/,
    );
    await expect(applyConsensus(db, { ...request, reason: " " })).rejects.toMatchObject({ code: "usage" });
    await applyConsensus(db, request);
    const standard = await db.referenceStandard.findFirstOrThrow({
      where: { caseId, laterality: "L", supersededAt: null },
      include: { consensus: true },
    });
    expect(standard).toMatchObject({
      finding: "malignant",
      source: "reader_consensus",
      readerStudyId,
      arbitrationId: key.arbitrationId,
    });
    expect(standard.consensus).toHaveLength(2);
    const [newest] = (await loadLabelHistory(db, caseId)).filter(
      ({ statement }) => statement.kind === "reference" && statement.laterality === "L",
    );
    expect(newest?.statement).toMatchObject({
      source: "reader-consensus",
      consensus: { readerStudyId, readingCount: 2, arbitratedAt: now },
    });
    const event = await db.auditEvent.findFirstOrThrow({
      where: { action: "consensus.apply", entityId: caseId },
      orderBy: { sequence: "desc" },
    });
    expect(JSON.stringify(event.details)).toContain("must not score these readers");
    await expect(applyConsensus(db, { ...request, version: request.version + 1 })).rejects.toThrow(
      /says this already/,
    );
    await expect(
      db.referenceStandard.update({ where: { id: standard.id }, data: { arbitrationId: null } }),
    ).rejects.toThrow(/immutable/);
  });

  test("keeps its origin when it is put back in force after something else was", async () => {
    const { db } = world;
    const { caseId, key, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await applyConsensus(db, request);
    const putBack = async (source: "pathology" | "reader-consensus") => {
      const state = (await loadLabelStates(db, [caseId])).get(caseId);
      if (state === undefined) throw new Error("The case is gone.");
      const L = { ...state.labels.breasts.L, source };
      await changeLabels(db, {
        viewer: request.viewer,
        caseId,
        version: state.version,
        labels: { ...state.labels, breasts: { ...state.labels.breasts, L } },
        reason: "Correction",
        acknowledgesFrozen: true,
        now,
      });
      return db.referenceStandard.findFirstOrThrow({
        where: { caseId, laterality: "L", supersededAt: null },
        include: { consensus: true },
      });
    };
    expect(await putBack("pathology")).toMatchObject({ readerStudyId: null, consensus: [] });
    const again = await putBack("reader-consensus");
    expect(again).toMatchObject({
      readerStudyId: request.readerStudyId,
      arbitrationId: key.arbitrationId,
    });
    expect(again.consensus).toHaveLength(2);
  });

  test("scores neither the study that it was made of nor other studies of these readers", async () => {
    const { db } = world;
    const { caseId, readerStudyId, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await applyConsensus(db, request);
    const other = await world.newStudy();
    const stranger = await seedRadiologist(db, `stranger-${randomUUID()}`, world.siteIds);
    const elsewhere = await seedReadStudy(db, world, {
      readings: [{ readerId: stranger, caseId, aided: negative }],
    });
    const independent = (studyId: string) =>
      db.referenceStandard.findMany({
        where: { caseId, supersededAt: null, ...whereIndependentOf(studyId) },
        select: { laterality: true },
        orderBy: { laterality: "asc" },
      });
    expect(await independent(readerStudyId)).toEqual([{ laterality: "R" }]);
    expect(await independent(other)).toEqual([{ laterality: "R" }]);
    expect(await independent(elsewhere)).toEqual([{ laterality: "L" }, { laterality: "R" }]);
    const own = async (studyId: string) =>
      (await loadReaderStudyData(db, studyId))?.breasts.filter(
        (breast) => breast.caseId === caseId && breast.isOwnConsensus,
      );
    expect(await own(other)).toMatchObject([{ laterality: "L", isMalignant: true }]);
    expect(await own(elsewhere)).toEqual([]);
  });

  test("is refused over pathology, before the decision, and of BI-RADS that readers alone cannot settle", async () => {
    const { db } = world;
    const study = await world.openedStudy();
    const key = await study.firstOf(world.arbitratorIds[0]);
    const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const request = {
      viewer: { userId: world.adminId, scope: "all" as const },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "R" as const,
      finding: "benign" as const,
      reason: "x",
      version: 0,
      acknowledgesFrozen: true,
      now,
    };
    await expect(applyConsensus(db, request)).rejects.toThrow(/not decided yet/);
    await decideCase(db, key, { answers: answersOf(["3", 20], ["2", 5]), now });
    await expect(applyConsensus(db, request)).rejects.toThrow(/BI-RADS 3 decides nothing/);
    await setReference(db, { caseId, laterality: "L" }, { finding: "malignant", source: "pathology" });
    await expect(applyConsensus(db, { ...request, laterality: "L" })).rejects.toThrow(/pathology/);
  });

  test("of unanimous readings needs no arbitration and names the readings", async () => {
    const { db } = world;
    const study = await world.openedStudy();
    const query = { readerStudyId: study.readerStudyId, viewerId: world.adminId, offset: 0, pageSize: 50 };
    const unanimous = await listSettledBreasts(db, { ...query, basis: "unanimous" });
    // Eight cases less six in arbitration, two breasts each.
    expect(unanimous.totalCount).toBe(4);
    expect((await listSettledBreasts(db, { ...query, basis: "arbitration" })).totalCount).toBe(0);
    const [row] = unanimous.rows;
    const caseId = row?.caseId ?? "";
    const { labelVersion } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
    await applyConsensus(db, {
      viewer: { userId: world.adminId, scope: "all" },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "R",
      finding: "normal",
      reason: "Unanimous",
      version: labelVersion,
      acknowledgesFrozen: true,
      now,
    });
    const standard = await db.referenceStandard.findFirstOrThrow({
      where: { caseId, laterality: "R", supersededAt: null },
      include: { consensus: { include: { reading: true } } },
    });
    expect(standard.arbitrationId).toBeNull();
    expect(standard.consensus.map(({ reading }) => reading.condition)).toEqual(["aided", "aided"]);
  });
});
