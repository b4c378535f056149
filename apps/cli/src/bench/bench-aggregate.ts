import { parameterTable } from "@crossread/model/parameter-table";
import { requirePreset } from "../architecture-option.ts";
import { pythonEnvironment } from "../env.ts";
import { compare, orAbsent, type Comparison } from "./comparison.ts";
import { startContestant } from "./contestant.ts";
import { baselineScript, findPython } from "./python.ts";
import type { BenchSettings } from "./settings.ts";
import { startNodeContestant } from "./start-node-contestant.ts";

const updateCount = 8;

/** A federated round with its lineage (norms, cosines, digests), against numpy's weighted mean alone. */
export async function benchAggregate(settings: BenchSettings): Promise<Comparison[]> {
  const { architecture } = settings;
  const { statisticsSize, trainableSize } = parameterTable(requirePreset(architecture));
  const size = String(trainableSize + statisticsSize);
  const comparison = await compare({
    title: `FedAvg of ${updateCount} updates of ${architecture}`,
    itemsPerStep: updateCount,
    itemName: "update",
    schedule: { warmUpSteps: 2, rounds: settings.rounds, blockSteps: 3 },
    ours: () =>
      startNodeContestant("Crossread, with lineage", { kind: "aggregate", architecture, updateCount }),
    baselines: [
      () =>
        orAbsent("numpy, mean alone", async () =>
          startContestant({
            name: "numpy, mean alone",
            command: findPython(["numpy"], ["python3-numpy"]),
            argv: [baselineScript("numpy_aggregate.py"), "--updates", String(updateCount), "--size", size],
            environment: pythonEnvironment(),
          }),
        ),
    ],
    onProgress: settings.onProgress,
  });
  return [comparison];
}
