import { setImmediate as nextTurn } from "node:timers/promises";
import type { DeidentificationReceipt, SignedReceipt } from "@crossread/contracts/deidentification-receipt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import type { Transaction } from "./database.ts";
import { addToReceipts, findReceipt } from "./deidentification-receipts.ts";

const now = new Date("2026-11-23T10:00:00Z");
let database: TestDatabase;
const siteIds: string[] = [];
const studyIds: string[] = [];

/** Two sites that hold the same two files, each in a study of its own. */
beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  for (const [colourIndex, code] of ["north", "east"].entries()) {
    const { id: siteId } = await db.site.create({
      data: { code, name: code, colourIndex, acquisition: "digital" },
    });
    const subject = await db.subject.create({ data: { siteId, pseudonym: `XR-${code}` } });
    const study = await db.study.create({
      data: {
        siteId,
        subjectId: subject.id,
        studyInstanceUid: `2.25.${colourIndex}`,
        series: { create: { seriesInstanceUid: `2.25.${colourIndex}.1` } },
        cases: { create: { siteId, subjectId: subject.id, label: code } },
      },
      include: { series: true, cases: true },
    });
    for (const number of [1, 2]) {
      await db.instance.create({
        data: {
          siteId,
          seriesId: study.series[0]?.id ?? "",
          caseId: study.cases[0]?.id ?? "",
          sopInstanceUid: `2.25.${colourIndex}.1.${number}`,
          laterality: "L",
          view: "CC",
          rows: 10,
          columns: 10,
          bitsStored: 12,
          photometricInterpretation: "MONOCHROME2",
          blobKey: `instances/${code}-${number}.dcm`,
          sha256: String(number).repeat(64),
          sizeBytes: 10,
        },
      });
    }
    siteIds.push(siteId);
    studyIds.push(study.id);
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const sign = (receipt: DeidentificationReceipt): SignedReceipt => ({
  receipt,
  algorithm: "Ed25519",
  publicKey: "AAAA",
  signature: "AAAA",
});

const add = (tx: Transaction, number: number) =>
  addToReceipts(tx, {
    siteId: siteIds[0] ?? "",
    instances: [
      {
        sopInstanceUid: `2.25.0.1.${number}`,
        sha256: String(number).repeat(64),
        sizeBytes: 10,
        deidentification: {
          profile: "basic",
          tableVersion: "PS3.15",
          keyedDigestBefore: "b".repeat(64),
          wasOurs: false,
          pixels: "clean",
          actions: [],
        },
      },
    ],
    software: "crossread 1",
    now,
    sign,
  });

/** However long a busy machine lets a transaction wait. */
const patient = { maxWait: 60_000, timeout: 60_000 };

/** Asked outside of the transaction, in which the view would stay as it was first seen. */
async function isAnyWaiting(): Promise<boolean> {
  const [row] = await database.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return (row?.count ?? 0) > 0;
}

test("files of one study that are stored at once are all in its receipt, and in no other site's", async () => {
  const { db } = database;
  const [north = "", east = ""] = siteIds;
  const [ours = "", theirs = ""] = studyIds;
  let ends: PromiseSettledResult<void>[] | undefined;
  let second = Promise.resolve();
  await db.$transaction(async (tx) => {
    await add(tx, 1);
    second = Promise.allSettled([db.$transaction((other) => add(other, 2), patient)]).then(
      (settled) => void (ends = settled),
    );
    while (ends === undefined && !(await isAnyWaiting())) await nextTurn();
  }, patient);
  await second;
  expect(ends).toEqual([{ status: "fulfilled", value: undefined }]);
  const receipt = await findReceipt(db, [north], ours);
  expect(receipt?.receipt.files.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([
    "2.25.0.1.1",
    "2.25.0.1.2",
  ]);
  await db.$transaction((tx) => add(tx, 1), patient);
  expect(await findReceipt(db, [north], ours)).toEqual(receipt);
  expect(receipt?.receipt).toMatchObject({ siteCode: "north", pseudonym: "XR-north" });
  expect(await findReceipt(db, [east], theirs)).toBeUndefined();
  await expect(findReceipt(db, [east], ours)).rejects.toMatchObject({ code: "not-found" });
});
