import { randomUUID } from "node:crypto";
import { storeCheckpoint } from "@crossread/db/checkpoints-write";
import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { claimPreparation, startRun } from "@crossread/db/run-state";
import { claimUpdate, receiveUpdate, type UpdateClaim } from "@crossread/db/site-update-state";
import { defaultClassNames, encodeCheckpoint } from "@crossread/model/checkpoint";
import { modelPresets } from "@crossread/model/config";
import { sha256 } from "@crossread/model/digest";
import { copyParameters, initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import { encodeUpdate } from "../tasks/update-file.ts";
import type { WorkerContext } from "../worker-context.ts";
import { tinyTraining, type TestPlatform } from "./test-platform.ts";

const config = modelPresets["compact-cbam"];
const base = initialParameters(config, 1);

export interface RoundWorld {
  readonly platform: TestPlatform;
  readonly context: WorkerContext;
  readonly cohortId: string;
}

export interface OpenRound {
  readonly runId: string;
  readonly roundId: string;
  readonly number: number;
  readonly baseSha256: string;
}

/** A run in its first round, as prepare-run leaves it. */
export async function openRound(
  world: RoundWorld,
  deadlineInMs = 600_000,
  plan: TrainingPlan = tinyTraining,
): Promise<OpenRound> {
  const { cohortId, context, platform } = world;
  const { db } = context;
  const run = await db.trainingRun.create({
    data: {
      name: randomUUID(),
      cohortId,
      plan,
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
  return { runId: run.id, roundId: round.id, number: round.number, baseSha256 };
}

export function shifted(by: number): ModelParameters {
  const parameters = copyParameters(base);
  parameters.trainable.forEach((value, index) => (parameters.trainable[index] = value + by));
  return parameters;
}

export async function claim(world: RoundWorld, round: OpenRound, site: string): Promise<UpdateClaim> {
  const claimed = await claimUpdate(world.context.db, {
    roundId: round.roundId,
    siteId: world.platform.siteIds.get(site) ?? "",
    at: new Date(),
  });
  if (claimed === undefined) throw new Error(`no claim for ${site}`);
  return claimed;
}

export interface HandMadeUpdate {
  readonly site: string;
  readonly parameters: ModelParameters;
  readonly baseSha256?: string;
  readonly roundNumber?: number;
}

/** As a site's job does it: claim, write the update's file, deliver under the claim's fence. */
export async function deliver(world: RoundWorld, round: OpenRound, update: HandMadeUpdate): Promise<boolean> {
  const { context } = world;
  const held = await claim(world, round, update.site);
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
