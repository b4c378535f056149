import type { GraphBuilder } from "./graph-builder.ts";
import type { SymbolicTensor } from "./symbolic-tensor.ts";
import { UnsupportedKernelError } from "./unsupported-kernel-error.ts";

export type KernelResult = SymbolicTensor | readonly SymbolicTensor[];
export type Kernel = (call: KernelCall) => KernelResult;
export type KernelTable = Readonly<Record<string, Kernel>>;

/** Inputs and attributes of one kernel call. An attribute that the kernel never asked for makes the call fail. */
export class KernelCall {
  readonly kernelName: string;
  readonly graph: GraphBuilder;
  private readonly tensors: Readonly<Record<string, SymbolicTensor>>;
  private readonly attributes: Readonly<Record<string, unknown>>;
  private readonly asked = new Set<string>();

  constructor(call: {
    readonly kernelName: string;
    readonly graph: GraphBuilder;
    readonly tensors: Readonly<Record<string, SymbolicTensor>>;
    readonly attributes: Readonly<Record<string, unknown>>;
  }) {
    this.kernelName = call.kernelName;
    this.graph = call.graph;
    this.tensors = call.tensors;
    this.attributes = call.attributes;
  }

  input(name: string): SymbolicTensor {
    const tensor = this.tensors[name];
    if (!tensor) throw this.unsupported(`it was called without input "${name}"`);
    return tensor;
  }

  optionalInput(name: string): SymbolicTensor | undefined {
    return this.tensors[name];
  }

  allInputs(): readonly SymbolicTensor[] {
    return Object.values(this.tensors);
  }

  inputEntries(): readonly (readonly [string, SymbolicTensor])[] {
    return Object.entries(this.tensors);
  }

  attribute(name: string): unknown {
    this.asked.add(name);
    return this.attributes[name];
  }

  number(name: string): number {
    const value = this.attribute(name);
    if (typeof value !== "number") throw this.refused(name, "expected a number");
    return value;
  }

  flag(name: string): boolean {
    const value = this.attribute(name);
    if (value === undefined || value === null) return false;
    if (typeof value !== "boolean") throw this.refused(name, "expected true or false");
    return value;
  }

  text(name: string, whenAbsent: string): string {
    const value = this.attribute(name) ?? whenAbsent;
    if (typeof value !== "string") throw this.refused(name, "expected a text");
    return value;
  }

  /** A number or a list of numbers, as a list. */
  numbers(name: string): readonly number[] {
    const value = this.attribute(name);
    const list = typeof value === "number" ? [value] : value;
    if (!isNumbers(list)) throw this.refused(name, "expected numbers");
    return list;
  }

  numberPairs(name: string): readonly (readonly [number, number])[] {
    const value = this.attribute(name);
    if (!Array.isArray(value)) throw this.refused(name, "expected pairs of numbers");
    return value.map((pair: unknown) => {
      if (!isNumbers(pair) || pair.length !== 2) throw this.refused(name, "expected pairs of numbers");
      return [pair[0]!, pair[1]!] as const;
    });
  }

  /** The same call with some inputs and attributes changed, to be asked for all attributes in its place. */
  changed(
    tensors: Readonly<Record<string, SymbolicTensor>>,
    attributes: Readonly<Record<string, unknown>>,
  ): KernelCall {
    for (const name of Object.keys(this.attributes)) this.asked.add(name);
    return new KernelCall({
      kernelName: this.kernelName,
      graph: this.graph,
      tensors: { ...this.tensors, ...tensors },
      attributes: { ...this.attributes, ...attributes },
    });
  }

  unsupported(detail: string): UnsupportedKernelError {
    return new UnsupportedKernelError(this.kernelName, detail);
  }

  refused(name: string, reason: string): UnsupportedKernelError {
    return this.unsupported(`attribute "${name}" is ${JSON.stringify(this.attributes[name])}, ${reason}`);
  }

  assertAllAttributesRead(): void {
    for (const [name, value] of Object.entries(this.attributes)) {
      if (value !== undefined && value !== null && !this.asked.has(name)) {
        throw this.refused(name, "which this translation does not know");
      }
    }
  }
}

const isNumbers = (value: unknown): value is readonly number[] =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) &&
  Array.prototype.every.call(value, (item) => typeof item === "number");
