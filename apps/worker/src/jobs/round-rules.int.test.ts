import { setImmediate as nextTurn } from "node:timers/promises";
import { finishCancellation } from "@crossread/db/run-state";
import { completeRound, finishAggregation, recordVerdicts } from "@crossread/db/round-state";
import { claimUpdate, receiveUpdate, reportProgress } from "@crossread/db/site-update-state";
import { checkpointManifestSchema } from "@crossread/model/checkpoint-manifest";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "../../../../tests/test-database.ts";
import { openBlobStore } from "../blob-store.ts";
import {
  claim,
  deliver,
  openRound,
  shifted,
  type OpenRound,
  type RoundWorld,
} from "../testing/open-round.ts";
import { smallCohort } from "../testing/small-cohort.ts";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import { deriveKey } from "@crossread/db/site-key";
import { loadWeights } from "../tasks/load-checkpoint.ts";
import { testPlatform, tinyDemonstration, tinyTraining, testMasterKey } from "../testing/test-platform.ts";
import { createIngest } from "../ingest-limits.ts";
import type { WorkerContext } from "../worker-context.ts";
import { aggregateRound } from "./aggregate-round.ts";
import { prepareRun } from "./prepare-run.ts";
import { roundDeadline } from "./round-deadline.ts";

/** The rules of a round, without training: updates are made by hand and delivered as a site's job delivers them. */

let world: RoundWorld;

beforeAll(async () => {
  const platform = await testPlatform(await testDatabase());
  const context: WorkerContext = {
    db: platform.database.db,
    queue: platform.queue,
    store: await openBlobStore(platform.store),
    ingest: createIngest({ laneCount: 1 }),
    masterKey: testMasterKey,
    receipts: createReceiptSigner(deriveKey(testMasterKey, "receipt signing")),
    children: {
      run: () => Promise.reject(new Error("no process is needed here")),
      useSlot: (work) => work(),
      close: () => undefined,
    },
    logger: pino({ level: "silent" }),
    engine: { name: "onnx", threadCount: 1 },
    imageNetWeightsFile: undefined,
    dataset: undefined,
    demonstration: tinyDemonstration,
    codeVersion: "crossread test",
    now: () => new Date(),
  };
  world = { platform, context, cohortId: await smallCohort(platform, ["benign", "malignant"]) };
});

afterAll(async () => {
  await world.platform[Symbol.asyncDispose]();
});

async function updatesOf(round: OpenRound) {
  const updates = await world.context.db.siteUpdate.findMany({
    where: { roundId: round.roundId },
    orderBy: { site: { code: "asc" } },
    select: { state: true, refusalCode: true, site: { select: { code: true } } },
  });
  return updates.map(({ refusalCode, site, state }) => [site.code, state, refusalCode]);
}

const resultOf = (round: OpenRound) =>
  world.context.db.trainingRound.findUniqueOrThrow({
    where: { id: round.roundId },
    select: { state: true, resultCheckpoint: { select: { sha256: true } } },
  });

describe("a round", () => {
  test("merges the updates in the order of sites, whatever the order of arrival, and only once", async () => {
    const rounds = [await openRound(world), await openRound(world)] as const;
    const orders = [
      ["north", "east", "south"],
      ["south", "north", "east"],
    ];
    const shift: Record<string, number> = { north: 0.01, east: 0.02, south: -0.015 };
    for (const [index, round] of rounds.entries()) {
      for (const site of orders[index] ?? []) {
        expect(await deliver(world, round, { site: site, parameters: shifted(shift[site] ?? 0) })).toBe(true);
      }
      await Promise.all([aggregateRound(world.context, round), aggregateRound(world.context, round)]);
      await aggregateRound(world.context, round);
    }
    const [first, second] = [await resultOf(rounds[0]), await resultOf(rounds[1])];
    expect(first.state).toBe("evaluating");
    expect(first.resultCheckpoint?.sha256).toBe(second.resultCheckpoint?.sha256);
    expect(await world.context.db.checkpoint.count({ where: { runId: rounds[0].runId } })).toBe(2);
    const checkpoint = await world.context.db.checkpoint.findFirstOrThrow({
      where: { runId: rounds[0].runId, roundNumber: 1 },
    });
    const finished = {
      ...rounds[0],
      checkpointId: checkpoint.id,
      sha256: checkpoint.sha256,
      acceptedCount: 3,
    };
    expect(await finishAggregation(world.context.db, finished)).toBe(false);
  });

  test("gives the same weights when it is killed between the verdicts and the new checkpoint", async () => {
    const round = await openRound(world);
    for (const [site, by] of [
      ["north", 0.01],
      ["east", 0.02],
      ["south", -0.015],
    ] as const) {
      await deliver(world, round, { site: site, parameters: shifted(by) });
    }
    const broken: WorkerContext = {
      ...world.context,
      store: { ...world.context.store, put: () => Promise.reject(new Error("killed")) },
    };
    await expect(aggregateRound(broken, round)).rejects.toThrow("killed");
    expect((await resultOf(round)).state).toBe("aggregating");
    expect(await updatesOf(round)).toEqual(
      ["east", "north", "south"].map((code) => [code, "accepted", null]),
    );
    await aggregateRound(world.context, round);
    const undisturbed = await world.context.db.checkpoint.findFirst({
      where: { roundNumber: 1, NOT: { runId: round.runId } },
    });
    expect((await resultOf(round)).resultCheckpoint?.sha256).toBe(undisturbed?.sha256);
  });

  test("goes on from the momentum of the round before it", async () => {
    const { db, store } = world.context;
    const first = await openRound(world, 600_000, { ...tinyTraining, strategy: "fedavgm" });
    const merged = async (round: OpenRound, by: number) => {
      for (const site of ["north", "east", "south"]) {
        await deliver(world, round, { site, parameters: shifted(by), roundNumber: round.number });
      }
      await aggregateRound(world.context, round);
      const { resultCheckpoint } = await db.trainingRound.findUniqueOrThrow({
        where: { id: round.roundId },
        include: { resultCheckpoint: true },
      });
      if (resultCheckpoint === null) throw new Error("The round has no result");
      const manifest = checkpointManifestSchema.parse(resultCheckpoint.manifest);
      const { parameters } = await loadWeights(store, { blobKey: resultCheckpoint.blobKey, manifest });
      return { checkpointId: resultCheckpoint.id, sha256: resultCheckpoint.sha256, parameters };
    };
    const { checkpointId, sha256 } = await merged(first, 0.01);
    const at = new Date();
    const next = { number: 2, baseCheckpointId: checkpointId, deadlineAt: new Date(at.getTime() + 600_000) };
    await completeRound(db, { ...first, at, next });
    const { id: roundId } = await db.trainingRound.findFirstOrThrow({
      where: { runId: first.runId, number: 2 },
    });
    const second = await merged({ runId: first.runId, roundId, number: 2, baseSha256: sha256 }, 0.02);
    // v ← 0.9·v + Δ with Δ = 0.01 in both rounds: 0.01, then 0.019 on top of it.
    const [before = 0] = shifted(0).trainable;
    expect((second.parameters.trainable[0] ?? 0) - before).toBeCloseTo(0.029, 5);
  });

  test("refuses NaN and a stale base with a code, and goes on with the quorum", async () => {
    const round = await openRound(world);
    const poisoned = shifted(0.01);
    poisoned.trainable[5] = Number.NaN;
    await deliver(world, round, { site: "north", parameters: poisoned });
    await deliver(world, round, { site: "east", parameters: shifted(0.01) });
    await deliver(world, round, { site: "south", parameters: shifted(0.02) });
    await aggregateRound(world.context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "accepted", null],
      ["north", "refused", "update-not-finite"],
      ["south", "accepted", null],
    ]);
    expect((await resultOf(round)).state).toBe("evaluating");
  });

  test("fails by the quorum rule when too few updates are good, and says which were not", async () => {
    const round = await openRound(world);
    await deliver(world, round, { site: "north", parameters: shifted(0.01), baseSha256: "0".repeat(64) });
    await deliver(world, round, { site: "east", parameters: shifted(0.01), roundNumber: 2 });
    await deliver(world, round, { site: "south", parameters: shifted(0.01) });
    await aggregateRound(world.context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "refused", "update-stale-base"],
      ["north", "refused", "update-stale-base"],
      ["south", "accepted", null],
    ]);
    const run = await world.context.db.trainingRun.findUniqueOrThrow({ where: { id: round.runId } });
    expect(run).toMatchObject({ state: "failed", failureCode: "quorum-not-reached" });
    expect(run.failureMessage).toMatch(
      /needs updates of 2 of 3 sites, but 1 were accepted: refused from east .* north/,
    );
  });

  test("refuses an upload under an older fence and a second upload", async () => {
    const round = await openRound(world);
    const older = await claim(world, round, "north");
    const newer = await claim(world, round, "north");
    expect(newer.fence).toBe(older.fence + 1);
    const update = { exampleCount: 10, blobKey: "updates/x.safetensors", sha256: "0".repeat(64) };
    expect(await receiveUpdate(world.context.db, older, update)).toBe(false);
    expect(await receiveUpdate(world.context.db, newer, update)).toBe(true);
    expect(await receiveUpdate(world.context.db, newer, update)).toBe(false);
  });

  test("takes no update that comes while it is being closed", async () => {
    const round = await openRound(world);
    const held = await claim(world, round, "north");
    const update = { exampleCount: 10, blobKey: "updates/x.safetensors", sha256: "0".repeat(64) };
    const { db } = world.context;
    let ends: PromiseSettledResult<boolean>[] | undefined;
    let receiving = Promise.resolve();
    await db.$transaction(
      async (tx) => {
        await tx.trainingRound.update({ where: { id: round.roundId }, data: { state: "aggregating" } });
        receiving = Promise.allSettled([receiveUpdate(db, held, update)]).then((all) => void (ends = all));
        // Asked outside of this transaction, in which the view would stay as it was first seen.
        const isWaiting = async () => {
          const [row] = await db.$queryRaw<{ count: number }[]>`
            SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`;
          return (row?.count ?? 0) > 0;
        };
        while (ends === undefined && !(await isWaiting())) await nextTurn();
      },
      { timeout: 60_000, maxWait: 60_000 },
    );
    await receiving;
    expect(ends).toEqual([{ status: "fulfilled", value: false }]);
    expect((await updatesOf(round))[1]).toEqual(["north", "training", null]);
  });

  test("does not judge again what was judged", async () => {
    const round = await openRound(world);
    for (const site of ["north", "east"]) await deliver(world, round, { site, parameters: shifted(0.01) });
    await aggregateRound(world.context, round);
    const before = await updatesOf(round);
    const updates = await world.context.db.siteUpdate.findMany({ where: { roundId: round.roundId } });
    const refusal = { isAccepted: false, code: "update-not-finite", message: "Again." } as const;
    const verdicts = updates.map(({ id: updateId }) => ({ updateId, ...refusal }));
    await recordVerdicts(world.context.db, verdicts, new Date());
    expect(before.map(([, state]) => state)).toEqual(["accepted", "accepted", "missed"]);
    expect(await updatesOf(round)).toEqual(before);
  });

  test("marks who is late at the deadline as missed and refuses what comes afterwards", async () => {
    const round = await openRound(world, 0);
    await deliver(world, round, { site: "north", parameters: shifted(0.01) });
    await deliver(world, round, { site: "east", parameters: shifted(0.02) });
    const late = await claim(world, round, "south");
    await roundDeadline(world.context, round);
    expect(await updatesOf(round)).toEqual([
      ["east", "accepted", null],
      ["north", "accepted", null],
      ["south", "missed", null],
    ]);
    expect((await resultOf(round)).state).toBe("evaluating");
    const update = { exampleCount: 10, blobKey: "updates/x.safetensors", sha256: "0".repeat(64) };
    expect(await receiveUpdate(world.context.db, late, update)).toBe(false);
  });

  test("does nothing at a deadline that was moved", async () => {
    const round = await openRound(world, 600_000);
    await roundDeadline(world.context, round);
    expect((await resultOf(round)).state).toBe("training");
  });

  test("tells a training site that the run was cancelled", async () => {
    const round = await openRound(world);
    const held = await claim(world, round, "north");
    const progress = { epoch: 0, epochs: 1, step: 1, steps: 2, secondsLeft: 1, curve: [] };
    expect(await reportProgress(world.context.db, held, progress)).toBe(true);
    await world.context.db.trainingRun.update({ where: { id: round.runId }, data: { state: "cancelling" } });
    expect(await reportProgress(world.context.db, held, progress)).toBe(false);
    const other = {
      roundId: round.roundId,
      siteId: world.platform.siteIds.get("east") ?? "",
      at: new Date(),
    };
    expect(await claimUpdate(world.context.db, other)).toBeUndefined();
    await finishCancellation(world.context.db, round.runId, new Date());
    expect(await updatesOf(round)).toEqual(
      ["east", "north", "south"].map((code) => [code, "cancelled", null]),
    );
  });
});

describe("a run", () => {
  test("refuses a cohort with one class at a site, in one sentence", async () => {
    const run = await world.context.db.trainingRun.create({
      data: {
        name: "one class",
        cohortId: await smallCohort(world.platform, ["benign"]),
        plan: tinyTraining,
        sites: { create: [...world.platform.siteIds.values()].map((id) => ({ siteId: id })) },
      },
    });
    const job = { signal: new AbortController().signal, isLastAttempt: false };
    await prepareRun(world.context, { runId: run.id }, job);
    const refused = await world.context.db.trainingRun.findUniqueOrThrow({ where: { id: run.id } });
    expect(refused).toMatchObject({
      state: "failed",
      failureCode: "one-class-cohort",
      failureMessage:
        "Every site needs benign and malignant training images, but site east has 1 benign and 0 malignant.",
    });
  });
});
