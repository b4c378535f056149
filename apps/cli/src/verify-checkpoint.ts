import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { aggregateRound, type RoundResult } from "@crossread/federation/aggregate";
import { weightsDigest } from "@crossread/federation/lineage";
import { configureStrategy } from "@crossread/federation/strategies";
import type { ServerState } from "@crossread/federation/strategy";
import type { SiteUpdate } from "@crossread/federation/update";
import { decodeWeights, encodeWeights } from "@crossread/model/checkpoint";
import type { LineageUpdate } from "@crossread/model/checkpoint-manifest";
import { sha256 } from "@crossread/model/digest";
import { manifestName, readCheckpoint } from "./checkpoint-directory.ts";

type Checkpoint = Awaited<ReturnType<typeof readCheckpoint>>;

interface Located {
  readonly directory: string;
  readonly checkpoint: Checkpoint;
}

export interface Verification {
  readonly checkpointId: string;
  readonly origin: Checkpoint["lineage"]["origin"];
  readonly weightsSha256: string;
  /** Null where there is no aggregation to compute again. */
  readonly aggregation: {
    readonly strategy: string;
    readonly parentId: string;
    readonly updates: readonly LineageUpdate[];
    /** Rounds that were computed again: earlier ones only for the state of a server's optimizer. */
    readonly roundsReplayed: number;
  } | null;
}

/**
 * Computes a checkpoint's aggregation again from its manifest, its parent and the update files beside it.
 *
 * @param expectedId - where given, the checkpoint must be this one
 * @throws {DomainError} "blob-digest-mismatch" where a file or the result differs in any bit, "blob-missing" where one is
 *   not there, "checkpoint-invalid" where the lineage does not fit the updates
 */
export async function verifyCheckpoint(directory: string, expectedId?: string): Promise<Verification> {
  const located = { directory, checkpoint: await readCheckpoint(directory) };
  const { checkpointId, lineage, manifest } = located.checkpoint;
  if (expectedId !== undefined && expectedId !== checkpointId) {
    throw new DomainError(
      "blob-digest-mismatch",
      `The manifest in ${directory} has the id ${checkpointId}, expected ${expectedId}.`,
    );
  }
  const base = { checkpointId, origin: lineage.origin, weightsSha256: manifest.weights.sha256 };
  if (lineage.origin !== "aggregated") return { ...base, aggregation: null };
  const { roundsReplayed } = await replay(located);
  return {
    ...base,
    aggregation: {
      strategy: lineage.strategy?.name ?? "",
      parentId: lineage.parentId ?? "",
      updates: lineage.updates.filter((update) => update.refusedCode === undefined),
      roundsReplayed,
    },
  };
}

/** Aggregates one round again and compares every bit; returns what the next round's server starts from. */
async function replay(located: Located): Promise<{ state: ServerState; roundsReplayed: number }> {
  const { checkpoint } = located;
  const parent = await findParent(located);
  const updates = await readUpdates(located, parent.checkpoint);
  let result = aggregate(checkpoint, { parent: parent.checkpoint, updates, state: {} });
  let roundsReplayed = 1;
  const hasState = Object.keys(result.state).length > 0;
  if (hasState && parent.checkpoint.lineage.origin === "aggregated") {
    const before = await replay(parent);
    roundsReplayed += before.roundsReplayed;
    result = aggregate(checkpoint, { parent: parent.checkpoint, updates, state: before.state });
  }
  const { statistics, weights: trainable } = result.model;
  const digest = sha256(encodeWeights(checkpoint.config, { trainable, statistics }));
  if (digest !== checkpoint.manifest.weights.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `Aggregating the ${updates.length} updates of ${located.directory} again gives weights with SHA-256 ${digest}, but the checkpoint holds ${checkpoint.manifest.weights.sha256}.`,
    );
  }
  assertContributions(located, result);
  return { state: result.state, roundsReplayed };
}

function aggregate(
  checkpoint: Checkpoint,
  round: { parent: Checkpoint; updates: readonly SiteUpdate[]; state: ServerState },
): RoundResult {
  const { strategy } = checkpoint.lineage;
  const { parameters } = round.parent;
  return aggregateRound({
    base: { weights: parameters.trainable, statistics: parameters.statistics },
    updates: round.updates,
    strategy: configureStrategy(strategy?.name ?? "", strategy?.parameters),
    state: round.state,
    batchNormPolicy: "average",
  });
}

function assertContributions({ checkpoint, directory }: Located, result: RoundResult): void {
  for (const stated of checkpoint.lineage.updates) {
    const found = result.contributions.find(({ siteId }) => siteId === stated.siteId);
    if (found === undefined) continue; // refused: it has no part in the result
    const isSame =
      (stated.norm === undefined || stated.norm === found.deltaNorm) &&
      (stated.cosineToMean === undefined || stated.cosineToMean === found.cosineToMean);
    if (!isSame) {
      throw new DomainError(
        "checkpoint-invalid",
        `The manifest in ${directory} states norm ${stated.norm} and cosine ${stated.cosineToMean} for site ${stated.siteId}, but its update has ${found.deltaNorm} and ${found.cosineToMean}.`,
      );
    }
  }
}

/** Among the checkpoints beside this one. */
async function findParent({ checkpoint, directory }: Located): Promise<Located> {
  const { parentId } = checkpoint.lineage;
  const beside = dirname(resolve(directory));
  for (const name of (await readdir(beside)).sort()) {
    const file = join(beside, name, manifestName);
    if (!existsSync(file) || sha256(await readFile(file)) !== parentId) continue;
    return { directory: join(beside, name), checkpoint: await readCheckpoint(join(beside, name)) };
  }
  throw new DomainError(
    "blob-missing",
    `The parent ${parentId ?? "null"} of the checkpoint in ${directory} is not in ${beside}.`,
  );
}

async function readUpdates({ checkpoint, directory }: Located, parent: Checkpoint): Promise<SiteUpdate[]> {
  const { config, lineage } = checkpoint;
  const { statistics, trainable: weights } = parent.parameters;
  const baseDigest = weightsDigest({ weights, statistics });
  const updates: SiteUpdate[] = [];
  for (const stated of lineage.updates) {
    if (stated.refusedCode !== undefined) continue;
    const bytes = await readUpdate(directory, stated);
    const parameters = decodeWeights(config, bytes, `update of site ${stated.siteId}`);
    updates.push({
      siteId: stated.siteId,
      roundNumber: lineage.round,
      baseDigest,
      exampleCount: stated.exampleCount,
      weights: parameters.trainable,
      statistics: parameters.statistics,
    });
  }
  return updates;
}

async function readUpdate(directory: string, stated: LineageUpdate): Promise<Uint8Array> {
  const name = updateFileName(stated.sha256);
  const places = [".", "..", "../.."].map((up) => join(resolve(directory), up, "updates", name));
  const file = places.find((place) => existsSync(place));
  if (file === undefined) {
    throw new DomainError(
      "blob-missing",
      `The update of site ${stated.siteId} is not beside ${directory}: updates/${name} is missing.`,
    );
  }
  const bytes = await readFile(file);
  const digest = sha256(bytes);
  if (digest !== stated.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `The update of site ${stated.siteId}, ${file}, has SHA-256 ${digest}: it was changed.`,
    );
  }
  return bytes;
}

/** Below updates/, content-addressed as in the blob store. */
export const updateFileName = (digest: string): string => `${digest}.safetensors`;
