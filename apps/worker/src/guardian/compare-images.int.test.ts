import { randomUUID } from "node:crypto";
import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { fingerprintPrefix } from "@crossread/datasets/fingerprint-text";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { sha256 } from "@crossread/model/digest";
import { openDatabase } from "@crossread/db/database";
import { createCohort } from "@crossread/db/cohort-draw";
import { freezeCohort } from "@crossread/db/cohort-freeze";
import { listCohortLeaks } from "@crossread/db/cohort-leaks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "../../../../tests/test-database.ts";
import { openBlobStore } from "../blob-store.ts";
import { testPlatform, tinyTraining, type TestPlatform } from "../testing/test-platform.ts";

let platform: TestPlatform;
const [widthPx, heightPx] = [384, 480];

beforeAll(async () => {
  platform = await testPlatform(await testDatabase());
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

interface Stored {
  readonly siteCode: string;
  readonly pseudonym: string;
  readonly pixels: Uint16Array;
}

/** One subject, case and image, its bytes in the blob store and no fingerprint yet. */
async function store(image: Stored, finding: "benign" | "malignant"): Promise<string> {
  const { db } = platform.database;
  const siteId = platform.siteIds.get(image.siteCode)!;
  const uid = `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
  const bytes = writeMammogram(
    {
      subjectId: image.pseudonym,
      studyInstanceUid: `${uid}1`.slice(0, 64),
      seriesInstanceUid: `${uid}2`.slice(0, 64),
      sopInstanceUid: uid,
      studyDate: "20200101",
      laterality: "R",
      view: "CC",
      widthPx,
      heightPx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: 2048, width: 4096 }],
      imagerPixelSpacingMm: [0.6, 0.6],
      manufacturer: "Crossread",
      manufacturerModelName: "Test",
      softwareVersions: "1",
    },
    image.pixels,
  );
  const digest = sha256(bytes);
  await (await openBlobStore(platform.store)).put(`instances/${digest}.dcm`, bytes);
  const subject = await db.subject.create({ data: { siteId, pseudonym: image.pseudonym } });
  const study = await db.study.create({ data: { siteId, subjectId: subject.id, studyInstanceUid: uid } });
  const series = await db.series.create({ data: { studyId: study.id, seriesInstanceUid: uid } });
  const one = await db.case.create({
    data: { siteId, subjectId: subject.id, studyId: study.id, label: image.pseudonym },
  });
  await db.referenceStandard.create({
    data: { caseId: one.id, laterality: "R", finding, source: "data_set" },
  });
  const instance = await db.instance.create({
    data: {
      siteId,
      seriesId: series.id,
      caseId: one.id,
      sopInstanceUid: uid,
      laterality: "R",
      view: "CC",
      rows: heightPx,
      columns: widthPx,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      blobKey: `instances/${digest}.dcm`,
      sha256: digest,
      sizeBytes: bytes.length,
    },
  });
  return instance.id;
}

test(
  "finds a mirrored, brightened copy at another site by itself, and the run on that cohort is refused",
  { timeout: 400_000 },
  async () => {
    const { db } = platform.database;
    const pixels = [
      ...generatePhantomSite({
        siteIndex: 0,
        caseCount: 6,
        seed: 3,
        frame: { widthPx, heightPx, pixelSizeMm: 0.625 },
      }).studies(),
    ].map(({ instances }) => instances[0]!.pixels);
    const codes = [...platform.siteIds.keys()];
    const copied = pixels[0]!.map((_, at) => {
      const mirrored = pixels[0]![at - (at % widthPx) + (widthPx - 1 - (at % widthPx))]!;
      return Math.min(4095, Math.round(1.1 * mirrored + 160));
    });
    const original = await store({ siteCode: codes[0]!, pseudonym: "A", pixels: pixels[0]! }, "benign");
    const copy = await store({ siteCode: codes[1]!, pseudonym: "B", pixels: copied }, "benign");
    for (const [at, code] of [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ] as const) {
      await store(
        { siteCode: codes[code]!, pseudonym: `N${at}`, pixels: pixels[at]! },
        at % 2 === 0 ? "benign" : "malignant",
      );
    }
    const admin = await db.user.findUniqueOrThrow({ where: { email: "admin@demo.crossread" } });
    const { cohortId } = await createCohort(db, {
      actorId: admin.id,
      name: "Contaminated",
      purpose: "",
      siteIds: [...platform.siteIds.values()],
      fractions: { train: 1, tuning: 0, "internal-test": 0 },
      seed: 1,
    });
    await freezeCohort(db, { actorId: admin.id, cohortId, at: new Date() });

    const worker = await platform.startWorker({ reconcileIntervalMs: 500 });
    try {
      await expect
        .poll(() => db.instance.count({ where: { comparedAt: null } }), { timeout: 120_000, interval: 300 })
        .toBe(0);
      const leaks = await listCohortLeaks(db, cohortId);
      expect(
        leaks.map(({ crosses, first, kind, second, transform }) => ({
          crosses,
          kind,
          isMirrored: transform.isMirrored,
          ids: [first.instanceId, second.instanceId].toSorted(),
        })),
      ).toEqual([{ crosses: "sites", kind: "near", isMirrored: true, ids: [original, copy].toSorted() }]);
      const rows = await db.instance.findMany({ select: { perceptualHash: true } });
      expect(rows.every(({ perceptualHash }) => perceptualHash?.startsWith(fingerprintPrefix))).toBe(true);

      const runId = await platform.launch(cohortId, tinyTraining);
      expect(await platform.settled(runId, 120_000)).toEqual({
        state: "failed",
        failureCode: "cohort-contaminated",
      });
      const run = await db.trainingRun.findUniqueOrThrow({ where: { id: runId } });
      expect(run.failureMessage).toContain('"Contaminated" has 1 pair of copied images');
    } finally {
      await worker.close();
    }

    // A second worker, and the same images again: nothing is found twice, nothing is lost.
    const again = openDatabase(platform.database.connectionString);
    await again.instance.updateMany({ data: { comparedAt: null } });
    const second = await platform.startWorker({ reconcileIntervalMs: 500 });
    try {
      await expect
        .poll(() => again.instance.count({ where: { comparedAt: null } }), {
          timeout: 120_000,
          interval: 300,
        })
        .toBe(0);
      expect(await again.imagePair.count()).toBe(1);
    } finally {
      await second.close();
      await again.$disconnect();
    }
  },
);
