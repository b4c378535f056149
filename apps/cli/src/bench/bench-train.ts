import { requirePreset } from "../architecture-option.ts";
import { compare, orAbsent, type Comparison } from "./comparison.ts";
import type { ContestantInfo } from "./contestant.ts";
import type { BenchSettings } from "./settings.ts";
import { startNodeContestant } from "./start-node-contestant.ts";
import { startTorch, torchName } from "./torch-baseline.ts";

/** Batch of the paper. */
const batchSize = 16;

/** Forward, backward and Adam over all layers, against PyTorch's channels-last step. */
export async function benchTrain(settings: BenchSettings): Promise<Comparison[]> {
  const { architecture, engine, onProgress, threads } = settings;
  const config = requirePreset(architecture);
  const task = { architecture, engine, threads, batchSize };
  const graph = await graphInfo({ kind: "compile-training", ...task });
  const comparison = await compare({
    title: `Training step, ${architecture}, batch ${batchSize}, ${config.imageSize}², ${threads} threads`,
    itemsPerStep: batchSize,
    itemName: "image",
    schedule: { warmUpSteps: 3, rounds: settings.rounds, settlingSteps: 2, blockSteps: 6 },
    ours: () => startNodeContestant(`Crossread, ${engine}`, { kind: "train", ...task }),
    baselines: [false, true].map((hasOurAllocator) => () => {
      const torch = { config, batchSize, threads, device: settings.device, hasOurAllocator };
      return orAbsent(torchName("torch_train.py", torch), () => startTorch("torch_train.py", torch));
    }),
    onProgress,
  });
  const [ours, ...others] = comparison.rows;
  if (ours === undefined) return [comparison];
  return [{ ...comparison, rows: [{ ...ours, info: { ...ours.info, ...graph } }, ...others] }];
}

async function graphInfo(task: Parameters<typeof startNodeContestant>[1]): Promise<ContestantInfo> {
  const compiling = await startNodeContestant("the compiler", task);
  compiling.close();
  return compiling.info;
}
