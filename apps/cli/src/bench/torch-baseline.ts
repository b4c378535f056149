import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DomainError } from "@crossread/contracts/errors";
import { modelPresets, type ModelConfig } from "@crossread/model/config";
import { parameterCount } from "@crossread/model/parameter-table";
import { startContestant, type Contestant } from "./contestant.ts";
import { computingEnvironment, pythonEnvironment } from "../env.ts";
import { baselineScript, findPython } from "./python.ts";

const modules = ["torch", "torchvision"];
const packages = ["python3-torch", "python3-torchvision"];

export interface TorchTask {
  readonly config: ModelConfig;
  readonly batchSize: number;
  readonly threads: number;
  readonly device: "cpu" | "cuda";
  /** Under the allocator settings that Crossread's computing processes have: PyTorch gains from them as well. */
  readonly hasOurAllocator?: boolean;
}

type TorchScript = "torch_train.py" | "torch_infer.py";

/** PyTorch's training step or eager inference of the same network. */
export function startTorch(script: TorchScript, task: TorchTask): Promise<Contestant> {
  const threads = ["--threads", String(task.threads), "--device", task.device];
  return startContestant({
    name: torchName(script, task),
    command: findPython(modules, packages),
    argv: [baselineScript(script), ...networkArguments(task), ...threads],
    environment: { ...(task.hasOurAllocator === true ? computingEnvironment() : {}), ...pythonEnvironment() },
  });
}

export function torchName(script: TorchScript, task: Pick<TorchTask, "hasOurAllocator">): string {
  if (script === "torch_infer.py") return "PyTorch, eager (no map)";
  return task.hasOurAllocator === true ? "PyTorch, channels-last, our malloc" : "PyTorch, channels-last";
}

/** Writes the network with random weights as ONNX, by torch.onnx.export. */
export async function exportWithTorch(file: string, task: TorchTask): Promise<void> {
  const argv = [baselineScript("torch_export.py"), ...networkArguments(task), "--out", file];
  try {
    await promisify(execFile)(findPython(modules, packages), argv, { env: pythonEnvironment() });
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError("engine-unavailable", "torch.onnx.export failed on this machine.", { cause });
  }
}

function networkArguments(task: TorchTask): string[] {
  if (task.config.architecture !== modelPresets["efficientnet-b0-cbam"].architecture) {
    throw new DomainError("engine-unavailable", "the baselines build efficientnet-b0-cbam only.");
  }
  const { batchSize, config } = task;
  const size = ["--batch-size", String(batchSize), "--image-size", String(config.imageSize)];
  return [...size, "--parameters", String(parameterCount(config))];
}
