export type GraphDtype = "float32" | "int32" | "bool";
export type OnnxDtype = GraphDtype | "int64";
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };
/** "portable": standard ONNX operators only, for any runtime. */
export type GraphTarget = "cpu" | "gpu" | "portable";

export interface ValueType {
  readonly dims: readonly number[];
  readonly dtype: OnnxDtype;
}

/** One ONNX value. `constant` is set exactly for values that would become initializers. */
export interface Value extends ValueType {
  readonly id: number;
  readonly constant?: ConstantData;
}

export interface NodeRequest {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly ValueType[];
}

export interface GraphNode extends NodeRequest {
  readonly outputs: readonly Value[];
}

export const microsoftDomain = "com.microsoft";
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

const dedupeLimitBytes = 1024;

/**
 * Grows an ONNX graph. All nodes are pure, so a node with the same operator, attributes and inputs as an earlier
 * one is the earlier one (hash-consing), and small constants exist once.
 */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  /** The tfjs kernels that were translated into this graph. */
  readonly kernelNames = new Set<string>();
  readonly target: GraphTarget;
  /** Block size of ONNX Runtime's blocked channel layout, if the graph may use it. */
  readonly channelBlock: number | undefined;
  private readonly nodeByKey = new Map<string, GraphNode>();
  private readonly constantByKey = new Map<string, Value>();
  private readonly producers = new Map<Value, GraphNode>();
  private nextId = 0;

  constructor(target: GraphTarget, channelBlock?: number) {
    this.target = target;
    this.channelBlock = channelBlock;
  }

  input(type: ValueType): Value {
    return { id: this.nextId++, dims: type.dims, dtype: type.dtype };
  }

  constant(data: ConstantData, dims: readonly number[], dtype: OnnxDtype): Value {
    if (data.length !== sizeOf(dims)) {
      throw new RangeError(`A constant of dims [${dims.join()}] got ${data.length} values`);
    }
    const make = (): Value => ({ id: this.nextId++, dims: [...dims], dtype, constant: data });
    if (data.byteLength > dedupeLimitBytes) return make();
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
    const key = `${dtype}[${dims.join()}]${bytes}`;
    const known = this.constantByKey.get(key);
    if (known) return known;
    const value = make();
    this.constantByKey.set(key, value);
    return value;
  }

  scalar(value: number, dtype: OnnxDtype = "float32"): Value {
    return this.constant(constantData([value], dtype), [], dtype);
  }

  /** A one-dimensional int64 constant: shapes, axes, starts, pads. */
  int64s(values: readonly number[]): Value {
    return this.constant(constantData(values, "int64"), [values.length], "int64");
  }

  node(request: NodeRequest): readonly Value[] {
    const { op, domain = "", inputs, attributes = {}, outputs } = request;
    const key = JSON.stringify([
      op,
      domain,
      inputs.map((input) => input?.id ?? -1),
      attributes,
      outputs.map((output) => output.dtype),
      outputs.length,
    ]);
    const known = this.nodeByKey.get(key);
    if (known) return known.outputs;
    const made: GraphNode = {
      op,
      domain,
      inputs,
      attributes,
      outputs: outputs.map((type) => ({ id: this.nextId++, dims: [...type.dims], dtype: type.dtype })),
    };
    this.nodeByKey.set(key, made);
    this.nodes.push(made);
    for (const output of made.outputs) this.producers.set(output, made);
    return made.outputs;
  }

  /** A node with one output. */
  one(op: string, inputs: readonly (Value | undefined)[], output: ValueType, more: NodeDetails = {}): Value {
    return this.node({ op, inputs, outputs: [output], ...more })[0]!;
  }

  producer(value: Value): GraphNode | undefined {
    return this.producers.get(value);
  }
}

export type NodeDetails = Pick<NodeRequest, "attributes" | "domain">;

export function constantData(values: readonly number[], dtype: OnnxDtype): ConstantData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "bool":
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(value));
  }
}

/** The number that a constant value repeats, or undefined if it is no constant of one element. */
export function scalarOf(value: Value): number | undefined {
  return value.constant?.length === 1 ? Number(value.constant[0]) : undefined;
}
