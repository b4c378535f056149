import {
  findBackend,
  registerBackend,
  registerKernel,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { KernelCall, type Kernel } from "./kernel.ts";
import { supportedKernels } from "./supported-kernels.ts";
import { TraceBackend, traceBackendName } from "./trace-backend.ts";

/** Registers the backend and its kernels once; the priority is below that of every backend that can compute. */
export function registerTraceBackend(): () => TraceBackend {
  let instance: TraceBackend | undefined;
  if (findBackend(traceBackendName) === null || findBackend(traceBackendName) === undefined) {
    registerBackend(traceBackendName, () => (instance = new TraceBackend()), -1);
  }
  for (const [kernelName, kernel] of Object.entries(supportedKernels)) {
    registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) => {
        if (!instance) throw new Error(`Backend ${traceBackendName} was not started`);
        return runKernel(instance, { kernelName, kernel, inputs, attributes: attrs ?? {} });
      },
    });
  }
  return () => {
    if (!instance) throw new Error(`Backend ${traceBackendName} was not started`);
    return instance;
  };
}

interface KernelRun {
  readonly kernelName: string;
  readonly kernel: Kernel;
  readonly inputs: NamedTensorInfoMap;
  readonly attributes: Readonly<Record<string, unknown>>;
}

function runKernel(backend: TraceBackend, run: KernelRun): TensorInfo | TensorInfo[] {
  const graph = backend.graph();
  const tensors = Object.fromEntries(
    Object.entries(run.inputs).flatMap(([name, info]) =>
      info === undefined || info === null ? [] : [[name, backend.toSymbolic(info)]],
    ),
  );
  const call = new KernelCall({ kernelName: run.kernelName, graph, tensors, attributes: run.attributes });
  graph.kernelNames.add(run.kernelName);
  const result = run.kernel(call);
  call.assertAllAttributesRead();
  return "shape" in result
    ? backend.toTensorInfo(result)
    : result.map((tensor) => backend.toTensorInfo(tensor));
}
