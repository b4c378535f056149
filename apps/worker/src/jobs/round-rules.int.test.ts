import { randomUUID } from "node:crypto";
import {
  claimUpdate,
  receiveUpdate,
  reportProgress,
  type UpdateClaim,
} from "@crossread/db/site-update-state";
import { storeCheckpoint } from "@crossread/db/checkpoints-write";
import { claimPreparation, finishCancellation, startRun } from "@crossread/db/run-state";
import { defaultClassNames, encodeCheckpoint } from "@crossread/model/checkpoint";
import { modelPresets } from "@crossread/model/config";
import { sha256 } from "@crossread/model/digest";
import { copyParameters, initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBlobStore } from "../blob-store.ts";
import {
  testPlatform,
  tinyDemonstration,
  tinyTraining,
  type TestPlatform,
} from "../testing/test-platform.ts";
import { encodeUpdate } from "../tasks/update-file.ts";
import type { WorkerContext } from "../worker-context.ts";
import { aggregateRound } from "./aggregate-round.ts";
import { prepareRun } from "./prepare-run.ts";
import { roundDeadline } from "./round-deadline.ts";

/** The rules of a round, without training: updates are made by hand and delivered as a site's job delivers them. */

const config = modelPresets["compact-cbam"];
const base = initialParameters(config, 1);
let platform: TestPlatform;
let context: WorkerContext;
let cohortId: string;

beforeAll(async () => {
  platform = await testPlatform();
  const { db } = platform.database;
  cohortId = await smallCohort(["benign", "malignant"]);
  context = {
    db,
    queue: platform.queue,
    store: openBlobStore(platform.store),
    children: {
      run: () => Promise.reject(new Error("no process is needed here")),
      useSlot: (work) => work(),
    },
    logger: pino({ level: "silent" }),
    engine: { name: "onnx", threadCount: 1 },
    imageNetWeightsFile: undefined,
    miasDirectory: undefined,
    demonstration: tinyDemonstration,
    codeVersion: "crossread test",
    now: () => new Date(),
  };
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

/** One subject a finding and site, with one image, all in the training split of a frozen cohort. */
async function smallCohort(findings: readonly ("benign" | "malignant")[]): Promise<string> {
  const { db } = platform.database;
  const cohort = await db.cohort.create({ data: { name: randomUUID(), seed: 1 } });
  for (const siteId of platform.siteIds.values()) {
    for (const finding of findings) {
      const uid = `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
      const subject = await db.subject.create({ data: { siteId, pseudonym: randomUUID() } });
      const study = await db.study.create({
        data: { siteId, subjectId: subject.id, studyInstanceUid: `${uid}.1`.slice(0, 64) },
      });
      const series = await db.series.create({ data: { studyId: study.id, seriesInstanceUid: `${uid}.2` } });
      const read = await db.case.create({
        data: { siteId, subjectId: subject.id, studyId: study.id, label: "C" },
      });
      await db.instance.create({
        data: {
          siteId,
          seriesId: series.id,
          caseId: read.id,
          sopInstanceUid: `${uid}.3`,
          laterality: "R",
          view: "CC",
          rows: 8,
          columns: 8,
          bitsStored: 12,
          photometricInterpretation: "MONOCHROME2",
          blobKey: "instances/none.dcm",
          sha256: sha256(uid),
          sizeBytes: 1,
        },
      });
      await db.referenceStandard.create({
        data: { caseId: read.id, laterality: "R", finding, source: "data_set" },
      });
      await db.cohortSubject.create({
        data: { cohortId: cohort.id, subjectId: subject.id, siteId, split: "train" },
      });
      await db.cohortCase.create({
        data: { cohortId: cohort.id, subjectId: subject.id, caseId: read.id, split: "train" },
      });
    }
  }
  await db.cohort.update({
    where: { id: cohort.id },
    data: { digest: "d".repeat(64), frozenAt: new Date() },
  });
  return cohort.id;
}

interface OpenRound {
  readonly runId: string;
  readonly roundId: string;
  readonly baseSha256: string;
}

/** A run in its first round, as prepare-run leaves it. */
async function openRound(deadlineInMs = 600_000): Promise<OpenRound> {
  const { db } = platform.database;
  const run = await db.trainingRun.create({
    data: {
      name: randomUUID(),
      cohortId,
      plan: tinyTraining,
      sites: { create: [...platform.siteIds.values()].map((siteId) => ({ siteId })) },
    },
  });
  await claimPreparation(db, run.id, new Date());
  const encoded = encodeCheckpoint({
    config,
    parameters: base,
    normalisation: { mean: 0.2, standardDeviation: 0.3 },
    classNames: defaultClassNames,
    lineage: {
      origin: "initial",
      parentId: null,
      round: 0,
      strategy: null,
      seed: 1,
      cohortDigests: [],
      updates: [],
      codeVersion: "crossread test",
      sourceSha256: null,
    },
  });
  const baseSha256 = encoded.manifest.weights.sha256;
  const blobKey = `checkpoints/${baseSha256}.safetensors`;
  await context.store.put(blobKey, encoded.weights);
  const checkpoint = await storeCheckpoint(db, {
    name: "initial",
    sha256: baseSha256,
    blobKey,
    manifest: encoded.manifest,
    parentId: null,
    runId: run.id,
    roundNumber: 0,
  });
  await startRun(db, {
    runId: run.id,
    initialCheckpointId: checkpoint.checkpointId,
    deadlineAt: new Date(Date.now() + deadlineInMs),
    at: new Date(),
  });
  const round = await db.trainingRound.findFirstOrThrow({ where: { runId: run.id } });
  return { runId: run.id, roundId: round.id, baseSha256 };
}

function shifted(by: number): ModelParameters {
  const parameters = copyParameters(base);
  parameters.trainable.forEach((value, index) => (parameters.trainable[index] = value + by));
  return parameters;
}

const siteId = (code: string): string => platform.siteIds.get(code) ?? "";

async function claim(round: OpenRound, site: string): Promise<UpdateClaim> {
  const claimed = await claimUpdate(context.db, {
    roundId: round.roundId,
    siteId: siteId(site),
    at: new Date(),
  });
  if (claimed === undefined) throw new Error(`no claim for ${site}`);
  return claimed;
}

async function deliver(
  round: OpenRound,
  site: string,
  update: { parameters: ModelParameters; baseSha256?: string; roundNumber?: number },
): Promise<boolean> {
  const held = await claim(round, site);
  const bytes = encodeUpdate(config, {
    parameters: update.parameters,
    baseSha256: update.baseSha256 ?? round.baseSha256,
    roundNumber: update.roundNumber ?? 1,
  });
  const digest = sha256(bytes);
  const blobKey = `updates/${digest}.safetensors`;
  await context.store.put(blobKey, bytes);
  return receiveUpdate(context.db, held, { exampleCount: 10, blobKey, sha256: digest });
}

async function updatesOf(round: OpenRound) {
  const updates = await context.db.siteUpdate.findMany({
    where: { roundId: round.roundId },
    orderBy: { site: { code: "asc" } },
    select: { state: true, refusalCode: true, site: { select: { code: true } } },
  });
  return updates.map(({ refusalCode, site, state }) => [site.code, state, refusalCode]);
}

const resultOf = (round: OpenRound) =>
  context.db.trainingRound.findUniqueOrThrow({
    where: { id: round.roundId },
    select: { state: true, resultCheckpoint: { select: { sha256: true } } },
  });

describe("a round", () => {
  test("merges the updates in the order of sites, whatever the order of arrival, and only once", async () => {
    const rounds = [await openRound(), await openRound()] as const;
    const orders = [
      ["north", "east", "south"],
      ["south", "north", "east"],
    ];
    const shift: Record<string, number> = { north: 0.01, east: 0.02, south: -0.015 };
    for (const [index, round] of rounds.entries()) {
      for (const site of orders[index] ?? []) {
        expect(await deliver(round, site, { parameters: shifted(shift[site] ?? 0) })).toBe(true);
      }
      await Promise.all([aggregateRound(context, round), aggregateRound(context, round)]);
      await aggregateRound(context, round);
    }
    const [first, second] = [await resultOf(rounds[0]), await resultOf(rounds[1])];
    expect(first.state).toBe("evaluating");
    expect(first.resultCheckpoint?.sha256).toBe(second.resultCheckpoint?.sha256);
    expect(await context.db.checkpoint.count({ where: { runId: rounds[0].runId } })).toBe(2);
  });

  test("gives the same weights when it is killed between the verdicts and the new checkpoint", async () => {
    const round = await openRound();
    for (const [site, by] of [
      ["north", 0.01],
      ["east", 0.02],
      ["south", -0.015],
    ] as const) {
      await deliver(round, site, { parameters: shifted(by) });
    }
    const broken: WorkerContext = {
      ...context,
      store: { ...context.store, put: () => Promise.reject(new Error("killed")) },
    };
    await expect(aggregateRound(broken, round)).rejects.toThrow("killed");
    expect((await resultOf(round)).state).toBe("aggregating");
    expect(await updatesOf(round)).toEqual(
      ["east", "north", "south"].map((code) => [code, "accepted", null]),
    );
    await aggregateRound(context, round);
    const undisturbed = await context.db.checkpoint.findFirst({
      where: { roundNumber: 1, NOT: { runId: round.runId } },
    });
    expect((await resultOf(round)).resultCheckpoint?.sha256).toBe(undisturbed?.sha256);
  });

  test("refuses NaN and a stale base with a code, and goes on with the quorum", async () => {
    const round = await openRound();
    const poisoned = shifted(0.01);
    poisoned.trainable[5] = Number.NaN;
    await deliver(round, "north", { parameters: poisoned });
    await deliver(round, "east", { parameters: shifted(0.01) });
    await deliver(round, "south", { parameters: shifted(0.02) });
    await aggregateRound(context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "accepted", null],
      ["north", "refused", "update-not-finite"],
      ["south", "accepted", null],
    ]);
    expect((await resultOf(round)).state).toBe("evaluating");
  });

  test("fails by the quorum rule when too few updates are good, and says which were not", async () => {
    const round = await openRound();
    await deliver(round, "north", { parameters: shifted(0.01), baseSha256: "0".repeat(64) });
    await deliver(round, "east", { parameters: shifted(0.01), roundNumber: 2 });
    await deliver(round, "south", { parameters: shifted(0.01) });
    await aggregateRound(context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "refused", "update-stale-base"],
      ["north", "refused", "update-stale-base"],
      ["south", "accepted", null],
    ]);
    const run = await context.db.trainingRun.findUniqueOrThrow({ where: { id: round.runId } });
    expect(run).toMatchObject({ state: "failed", failureCode: "quorum-not-reached" });
    expect(run.failureMessage).toMatch(
      /needs updates of 2 of 3 sites, but 1 were accepted: refused from east .* north/,
    );
  });

  test("refuses an upload under an older fence and a second upload", async () => {
    const round = await openRound();
    const older = await claim(round, "north");
    const newer = await claim(round, "north");
    expect(newer.fence).toBe(older.fence + 1);
    const update = { exampleCount: 10, blobKey: "updates/x.safetensors", sha256: "0".repeat(64) };
    expect(await receiveUpdate(context.db, older, update)).toBe(false);
    expect(await receiveUpdate(context.db, newer, update)).toBe(true);
    expect(await receiveUpdate(context.db, newer, update)).toBe(false);
  });

  test("marks who is late at the deadline as missed and refuses what comes afterwards", async () => {
    const round = await openRound(0);
    await deliver(round, "north", { parameters: shifted(0.01) });
    await deliver(round, "east", { parameters: shifted(0.02) });
    const late = await claim(round, "south");
    await roundDeadline(context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "accepted", null],
      ["north", "accepted", null],
      ["south", "missed", null],
    ]);
    expect((await resultOf(round)).state).toBe("evaluating");
    const update = { exampleCount: 10, blobKey: "updates/x.safetensors", sha256: "0".repeat(64) };
    expect(await receiveUpdate(context.db, late, update)).toBe(false);
  });

  test("does nothing at a deadline that was moved", async () => {
    const round = await openRound(600_000);
    await roundDeadline(context, round);
    expect((await resultOf(round)).state).toBe("training");
  });

  test("tells a training site that the run was cancelled", async () => {
    const round = await openRound();
    const held = await claim(round, "north");
    const progress = { epoch: 0, epochs: 1, step: 1, steps: 2, secondsLeft: 1, curve: [] };
    expect(await reportProgress(context.db, held, progress)).toBe(true);
    await context.db.trainingRun.update({ where: { id: round.runId }, data: { state: "cancelling" } });
    expect(await reportProgress(context.db, held, progress)).toBe(false);
    await finishCancellation(context.db, round.runId, new Date());
    expect(await updatesOf(round)).toEqual(
      ["east", "north", "south"].map((code) => [code, "cancelled", null]),
    );
  });
});

describe("a run", () => {
  test("refuses a cohort with one class at a site, in one sentence", async () => {
    const run = await context.db.trainingRun.create({
      data: {
        name: "one class",
        cohortId: await smallCohort(["benign"]),
        plan: tinyTraining,
        sites: { create: [...platform.siteIds.values()].map((id) => ({ siteId: id })) },
      },
    });
    const job = { signal: new AbortController().signal, isLastAttempt: false };
    await prepareRun(context, { runId: run.id }, job);
    const refused = await context.db.trainingRun.findUniqueOrThrow({ where: { id: run.id } });
    expect(refused).toMatchObject({
      state: "failed",
      failureCode: "one-class-cohort",
      failureMessage:
        "Every site needs benign and malignant training images, but site east has 1 benign and 0 malignant.",
    });
  });
});
