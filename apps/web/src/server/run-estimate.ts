import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { findPreset } from "@crossread/model/config";
import { parameterTable } from "@crossread/model/parameter-table";

export interface RunEstimate {
  /** Optimiser steps over all rounds and sites. */
  readonly stepCount: number;
  readonly stepsPerRound: readonly { readonly siteId: string; readonly stepCount: number }[];
  readonly parameterCount: number;
  /** Weights sent to and received from every site, over all rounds. */
  readonly transferBytes: number;
}

const bytesPerNumber = 4;

/** One epoch draws as many images as the site has for training. */
export function estimateRun(
  plan: Pick<TrainingPlan, "architecture" | "rounds" | "localEpochs" | "batchSize">,
  sites: readonly { readonly siteId: string; readonly imageCount: number }[],
): RunEstimate {
  const preset = findPreset(plan.architecture);
  const table = preset === undefined ? undefined : parameterTable(preset);
  const stepsPerRound = sites.map(({ siteId, imageCount }) => ({
    siteId,
    stepCount: plan.localEpochs * Math.ceil(imageCount / plan.batchSize),
  }));
  const weightBytes = bytesPerNumber * ((table?.trainableSize ?? 0) + (table?.statisticsSize ?? 0));
  return {
    stepCount: plan.rounds * stepsPerRound.reduce((sum, site) => sum + site.stepCount, 0),
    stepsPerRound,
    parameterCount: table?.trainableSize ?? 0,
    transferBytes: 2 * weightBytes * sites.length * plan.rounds,
  };
}
