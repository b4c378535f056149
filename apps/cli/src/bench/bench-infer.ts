import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelConfig } from "@crossread/model/config";
import { requirePreset } from "../architecture-option.ts";
import { compare, orAbsent, type Comparison } from "./comparison.ts";
import type { Contestant } from "./contestant.ts";
import type { BenchSettings } from "./settings.ts";
import { startNodeContestant } from "./start-node-contestant.ts";
import { exportWithTorch, startTorch } from "./torch-baseline.ts";

/** Prediction with its Grad-CAM map, against prediction alone in a bare session of the network that torch exported. */
export async function benchInfer(settings: BenchSettings): Promise<Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-bench-"));
  try {
    const comparisons: Comparison[] = [];
    for (const batchSize of [1, 16]) {
      comparisons.push(await compareInference(settings, { batchSize, directory }));
    }
    return comparisons;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function compareInference(
  settings: BenchSettings,
  { batchSize, directory }: { batchSize: number; directory: string },
): Promise<Comparison> {
  const { architecture, engine, onProgress, threads } = settings;
  const config = requirePreset(architecture);
  const torch = { config, batchSize, threads, device: settings.device };
  return compare({
    title: `Prediction with its map, ${architecture}, batch ${batchSize}, ${threads} threads`,
    itemsPerStep: batchSize,
    itemName: "image",
    schedule: { warmUpSteps: 5, rounds: settings.rounds, blockSteps: batchSize === 1 ? 20 : 4 },
    ours: () =>
      startNodeContestant(`Crossread, ${engine}`, {
        kind: "infer",
        architecture,
        engine,
        threads,
        batchSize,
      }),
    baselines: [
      () =>
        orAbsent("ONNX Runtime, torch's export (no map)", async () => {
          const file = join(directory, `torch-${batchSize}.onnx`);
          await exportWithTorch(file, torch);
          return startBareSession(file, { config, batchSize, settings });
        }),
      () => orAbsent("PyTorch, eager (no map)", () => startTorch("torch_infer.py", torch)),
    ],
    onProgress,
  });
}

function startBareSession(
  file: string,
  run: { config: ModelConfig; batchSize: number; settings: BenchSettings },
): Promise<Contestant> {
  const { batchSize, config, settings } = run;
  const provider =
    settings.engine === "onnx-cuda" ? "cuda" : settings.engine === "onnx-webgpu" ? "webgpu" : "cpu";
  return startNodeContestant("ONNX Runtime, torch's export (no map)", {
    kind: "session",
    file,
    threads: settings.threads,
    shape: [batchSize, 1, config.imageSize, config.imageSize],
    provider,
  });
}
