import { DomainError } from "@crossread/contracts/errors";
import type { Engine } from "./engine.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";

export const engineNames = ["onnx", "onnx-cuda", "onnx-webgpu", "tensorflow", "cpu"] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineChoice {
  /** Threads within one operator of the onnx engines; default: one for each physical core. */
  readonly threadCount?: number;
}

/**
 * The engine of that name.
 *
 * @throws {DomainError} "usage" for an unknown name; "engine-unavailable" where its package is not installed
 */
export async function createEngine(name: string, choice: EngineChoice = {}): Promise<Engine> {
  const engineName = engineNames.find((known) => known === name);
  if (engineName === undefined) {
    throw new DomainError("usage", `Engine must be one of ${engineNames.join(", ")}, got "${name}".`);
  }
  const threads = choice.threadCount === undefined ? {} : { threadCount: choice.threadCount };
  switch (engineName) {
    case "onnx":
      return createOnnxEngine(threads);
    case "onnx-cuda":
      return createOnnxEngine({ ...threads, executionProvider: "cuda" });
    case "onnx-webgpu":
      return createOnnxEngine({ ...threads, executionProvider: "webgpu" });
    case "tensorflow":
      await importFirst(tensorflowPackages, engineName);
      return createTfjsEngine("tensorflow");
    case "cpu":
      await importFirst(["@tensorflow/tfjs-backend-cpu"], engineName);
      return createTfjsEngine("cpu");
  }
}

/** Neither is a dependency: they download libtensorflow when they are installed, and only GPU images have them. */
const tensorflowPackages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

async function importFirst(packages: readonly string[], engineName: EngineName): Promise<void> {
  const causes: unknown[] = [];
  for (const packageName of packages) {
    try {
      await import(packageName);
      return;
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new DomainError(
    "engine-unavailable",
    `Engine "${engineName}" needs ${packages.join(" or ")}, which could not be loaded.`,
    { cause: new AggregateError(causes) },
  );
}
