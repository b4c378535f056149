/** How the learning rate moves after the warm-up. */
export type LearningRateSchedule =
  | { readonly kind: "constant" }
  /** Half a cosine from the full rate to `floorShare` of it at the last step. */
  | { readonly kind: "cosine"; readonly floorShare: number }
  /** Times `factor` after every `everyEpochs` epochs. */
  | { readonly kind: "step"; readonly everyEpochs: number; readonly factor: number };

export interface LearningRatePlan {
  readonly learningRate: number;
  /** Default: constant, as in the paper. */
  readonly schedule?: LearningRateSchedule;
  /** Steps over which the rate grows linearly to its full value; default 0. */
  readonly warmUpSteps?: number;
}

/**
 * Learning rate of one step.
 *
 * warm-up   η(t) = η · (t + 1)/w,                                      t < w
 * constant  η(t) = η
 * cosine    η(t) = η · (f + (1 − f)/2 · (1 + cos(π · (t − w)/(T − w))))
 * step      η(t) = η · γ^⌊t / (n · stepsPerEpoch)⌋
 *
 * @param position.step - t, 0-based over the whole training
 * @param position.steps - T
 * @returns > 0
 * @source Loshchilov & Hutter, SGDR (2017), eq. 5 without restarts
 * @golden golden/learning-rate/cases.json (torch.optim.lr_scheduler)
 */
export function learningRateAt(
  plan: LearningRatePlan,
  position: { readonly step: number; readonly steps: number; readonly stepsPerEpoch: number },
): number {
  const { learningRate, schedule = { kind: "constant" }, warmUpSteps = 0 } = plan;
  const { step, steps, stepsPerEpoch } = position;
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  switch (schedule.kind) {
    case "constant":
      return learningRate;
    case "cosine": {
      const progress = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
      const share = (1 + Math.cos(Math.PI * progress)) / 2;
      return learningRate * (schedule.floorShare + (1 - schedule.floorShare) * share);
    }
    case "step":
      return learningRate * schedule.factor ** Math.floor(step / (schedule.everyEpochs * stepsPerEpoch));
  }
}
