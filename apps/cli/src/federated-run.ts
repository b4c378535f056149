import { DomainError } from "@crossread/contracts/errors";
import { aggregateRound } from "@crossread/federation/aggregate";
import { weightsDigest } from "@crossread/federation/lineage";
import type { ServerState, Strategy } from "@crossread/federation/strategy";
import type { SiteUpdate } from "@crossread/federation/update";
import { checkUpdates, defaultNormRule, type RefusedUpdate } from "@crossread/federation/update-check";
import { createRandom } from "@crossread/metrics/random";
import { encodeWeights } from "@crossread/model/checkpoint";
import type { LineageUpdate } from "@crossread/model/checkpoint-manifest";
import type { ModelConfig } from "@crossread/model/config";
import { sha256 } from "@crossread/model/digest";
import type { Engine } from "@crossread/model/engine";
import type { Normalisation } from "@crossread/model/normalisation";
import type { ModelParameters } from "@crossread/model/parameter-table";
import type { LocalPlan } from "@crossread/model/local-plan";
import { trainLocal } from "@crossread/model/train-local";
import type { SiteCohort } from "./site-cohorts.ts";

export interface FederatedRound {
  /** 0 is the initial model. */
  readonly number: number;
  readonly parameters: ModelParameters;
  readonly updates: readonly LineageUpdate[];
  readonly refused: readonly RefusedUpdate[];
  /** Mean training loss of the last local epoch, by site. */
  readonly siteLoss: Readonly<Record<string, number>>;
}

export interface FederatedRunOptions {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly sites: readonly SiteCohort[];
  readonly start: ModelParameters;
  readonly normalisation: Normalisation;
  readonly strategy: Strategy;
  readonly rounds: number;
  readonly plan: LocalPlan;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
  /** An update that goes into an aggregate, as the file whose digest the lineage names. */
  readonly onAccepted?: (file: UpdateFile) => Promise<void>;
}

/** Broadcast, local training at every site, update checks, aggregation: round by round, in memory. */
export async function runFederation(options: FederatedRunOptions): Promise<FederatedRound[]> {
  const rounds: FederatedRound[] = [
    { number: 0, parameters: options.start, updates: [], refused: [], siteLoss: {} },
  ];
  let base = options.start;
  let state: ServerState = {};
  for (let number = 1; number <= options.rounds; number++) {
    const { siteLoss, updates } = await trainSites(options, { base, number });
    const model = { weights: base.trainable, statistics: base.statistics };
    const checked = checkUpdates(updates, {
      roundNumber: number,
      baseDigest: weightsDigest(model),
      base: model,
      normRule: defaultNormRule,
    });
    if (checked.accepted.length === 0) {
      throw new DomainError(
        "aggregation-empty",
        `Round ${number} has no acceptable update: ${checked.refused[0]?.reason ?? "no site trained."}`,
      );
    }
    const result = aggregateRound({
      base: model,
      updates: checked.accepted,
      strategy: options.strategy,
      state,
      batchNormPolicy: "average",
    });
    const files = checked.accepted.map((update) => updateFile(options.config, update));
    for (const file of files) await options.onAccepted?.(file);
    state = result.state;
    base = { trainable: result.model.weights, statistics: result.model.statistics };
    rounds.push({
      number,
      parameters: base,
      updates: lineageOf(checked.accepted, files, result.contributions),
      refused: checked.refused,
      siteLoss,
    });
  }
  return rounds;
}

async function trainSites(
  options: FederatedRunOptions,
  round: { base: ModelParameters; number: number },
): Promise<{ updates: SiteUpdate[]; siteLoss: Record<string, number> }> {
  const baseDigest = weightsDigest({ weights: round.base.trainable, statistics: round.base.statistics });
  const updates: SiteUpdate[] = [];
  const siteLoss: Record<string, number> = {};
  for (const site of options.sites) {
    const trained = await trainLocal({
      engine: options.engine,
      config: options.config,
      start: round.base,
      train: site.splits.train,
      tuning: site.splits.tuning,
      normalisation: options.normalisation,
      plan: { ...options.plan, proximalMu: options.strategy.proximalMu },
      seed: createRandom(options.seed).fork(`round ${round.number} ${site.siteId}`).nextInt(0x7fffffff),
    });
    const loss = trained.history.at(-1)?.trainLoss ?? Number.NaN;
    siteLoss[site.siteId] = loss;
    options.onProgress(
      `round ${round.number}/${options.rounds}, ${site.siteId}: ${trained.exampleCount} images, training loss ${loss.toFixed(4)}`,
    );
    updates.push({
      siteId: site.siteId,
      roundNumber: round.number,
      baseDigest,
      exampleCount: trained.exampleCount,
      weights: trained.parameters.trainable,
      statistics: trained.parameters.statistics,
    });
  }
  return { updates, siteLoss };
}

interface UpdateFile {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

function updateFile(config: ModelConfig, update: SiteUpdate): UpdateFile {
  const bytes = encodeWeights(config, { trainable: update.weights, statistics: update.statistics });
  return { sha256: sha256(bytes), bytes };
}

function lineageOf(
  updates: readonly SiteUpdate[],
  files: readonly UpdateFile[],
  contributions: ReturnType<typeof aggregateRound>["contributions"],
): LineageUpdate[] {
  return updates.map((update, index) => {
    const contribution = contributions.find((row) => row.siteId === update.siteId);
    const cosine = contribution?.cosineToMean ?? undefined;
    return {
      siteId: update.siteId,
      exampleCount: update.exampleCount,
      sha256: files[index]!.sha256,
      ...(contribution === undefined ? {} : { norm: contribution.deltaNorm }),
      ...(cosine === undefined ? {} : { cosineToMean: cosine }),
    };
  });
}
