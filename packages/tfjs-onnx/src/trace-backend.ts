import {
  DataStorage,
  engine,
  KernelBackend,
  type DataType,
  type TensorInfo,
  type backend_util,
} from "@tensorflow/tfjs-core";
import { constantData, type GraphBuilder, type GraphDtype, type OnnxDtype } from "./graph-builder.ts";
import { splat, symbolic, type SymbolicTensor } from "./symbolic-tensor.ts";
import { TraceError } from "./unsupported-kernel-error.ts";

type BackendValues = backend_util.BackendValues;

interface StoredTensor {
  refCount: number;
  readonly concrete?: BackendValues;
  readonly symbolic?: SymbolicTensor;
  /** Of the trace in which the symbolic tensor was made. */
  readonly graph?: GraphBuilder;
}

export const traceBackendName = "onnx-trace";

/**
 * A tfjs backend whose tensors are either concrete (made outside of a trace, or from numbers inside of it) or
 * symbolic (a value of the graph under construction). It computes nothing.
 */
export class TraceBackend extends KernelBackend {
  readonly data: DataStorage<StoredTensor>;
  private currentGraph: GraphBuilder | undefined;
  private captured = new Map<string, SymbolicTensor>();
  private readonly captureIds = new WeakMap<object, number>();
  private nextCaptureId = 0;
  private liveSymbolicCount = 0;

  constructor() {
    super();
    this.data = new DataStorage(this, engine());
  }

  /** Runs `body` with `graph` as the target of all kernels. */
  trace<TResult>(graph: GraphBuilder, body: () => TResult): TResult {
    if (this.currentGraph)
      throw new TraceError("compileFunction was called inside of another compileFunction");
    this.currentGraph = graph;
    this.captured = new Map();
    this.liveSymbolicCount = 0;
    try {
      return body();
    } finally {
      this.currentGraph = undefined;
      this.captured = new Map();
    }
  }

  /** Symbolic tensors made in this trace and not yet disposed. */
  liveSymbolicTensors(): number {
    return this.liveSymbolicCount;
  }

  graph(): GraphBuilder {
    if (!this.currentGraph) {
      throw new TraceError(
        `The tfjs backend "${traceBackendName}" computes nothing: its kernels only work inside of compileFunction. ` +
          "Choose another backend (tf.setBackend) for eager execution",
      );
    }
    return this.currentGraph;
  }

  toTensorInfo(tensor: SymbolicTensor): TensorInfo {
    const dataId = {};
    this.data.set(dataId, { refCount: 1, symbolic: tensor, graph: this.graph() });
    this.liveSymbolicCount++;
    return { dataId, shape: [...tensor.shape], dtype: tensor.dtype };
  }

  toSymbolic(info: TensorInfo): SymbolicTensor {
    if (!this.data.has(info.dataId) && !engine().state.tensorInfo.has(info.dataId)) {
      throw new TraceError(
        `A tensor of shape [${info.shape.join()}] has been disposed: a tf.tidy disposes what it does not return`,
      );
    }
    const stored = this.data.get(info.dataId);
    if (stored.symbolic && stored.graph !== this.currentGraph) throw escapedTensor();
    if (stored.symbolic) return stored.symbolic;
    let id = this.captureIds.get(info.dataId);
    if (id === undefined) this.captureIds.set(info.dataId, (id = this.nextCaptureId++));
    const key = `${id}:${info.dtype}:${info.shape.join()}`;
    let tensor = this.captured.get(key);
    if (!tensor) this.captured.set(key, (tensor = capture(this.graph(), info, stored.concrete)));
    return tensor;
  }

  override write(values: BackendValues, _shape: number[], _dtype: DataType): object {
    const dataId = {};
    this.data.set(dataId, { refCount: 1, concrete: values });
    return dataId;
  }

  // The signature is KernelBackend's.
  // oxlint-disable-next-line max-params
  override move(
    dataId: object,
    values: BackendValues,
    _shape: number[],
    _dtype: DataType,
    refCount: number,
  ): void {
    this.data.set(dataId, { refCount, concrete: values });
  }

  override readSync(dataId: object): BackendValues {
    const stored = this.data.get(dataId);
    if (!stored.concrete && stored.graph !== this.currentGraph) throw escapedTensor();
    if (!stored.concrete) {
      throw new TraceError(
        "A tensor inside of compileFunction has no value yet: dataSync, arraySync, data and array cannot be used " +
          "there, nor can JavaScript branch on a tensor. Use tf.where, or return the tensor as an output",
      );
    }
    return stored.concrete;
  }

  override read(dataId: object): Promise<BackendValues> {
    return new Promise((resolve) => resolve(this.readSync(dataId)));
  }

  override refCount(dataId: object): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: object): void {
    this.data.get(dataId).refCount++;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.data.get(dataId);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    if (stored.symbolic) this.liveSymbolicCount--;
    this.data.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}
}

const escapedTensor = (): TraceError =>
  new TraceError(
    "A tensor that was made inside of an earlier compileFunction has no value: only its outputs leave it, and a " +
      "tf.Variable that was assigned there must be assigned anew",
  );

export function graphDtype(dtype: DataType): GraphDtype {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new TraceError(`A tensor of dtype ${dtype} cannot enter a graph: expected float32, int32 or bool`);
}

/** A concrete tensor as constant: one number if all its elements are equal, else an initializer. */
function capture(graph: GraphBuilder, info: TensorInfo, values: BackendValues | undefined): SymbolicTensor {
  const dtype = graphDtype(info.dtype);
  if (values === undefined || isStrings(values))
    throw new TraceError(`A captured tensor has no numeric values`);
  const first = values[0];
  if (first !== undefined && values.every((value) => Object.is(value, first))) {
    return splat(graph, info.shape, dtype, Number(first));
  }
  return symbolic(info.shape, dtype, graph.constant(toConstantData(values, dtype), info.shape, dtype));
}

const isStrings = (values: BackendValues): values is Uint8Array[] => Array.isArray(values);

function toConstantData(values: Exclude<BackendValues, Uint8Array[]>, dtype: OnnxDtype) {
  if (dtype === "float32" && values instanceof Float32Array) return values;
  if (dtype === "int32" && values instanceof Int32Array) return values;
  return constantData(Array.from(values), dtype);
}
