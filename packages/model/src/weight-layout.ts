import type { Parameter } from "./parameter-table.ts";
import type { WeightScheme } from "./weight-names.ts";

/** Where the axes of one of our tensors lie in a published file. */
export interface SourceLayout {
  readonly shape: readonly number[];
  /** For each of our axes the source's axis; axes of the source that are left out have length 1. */
  readonly order: readonly number[];
}

export function sourceLayout(parameter: Parameter, scheme: Pick<WeightScheme, "layout">): SourceLayout {
  const { name, shape } = parameter;
  const inOrder = { shape, order: shape.map((_, axis) => axis) };
  if (scheme.layout === "same" || shape.length === 1) return inOrder;
  // squeeze-and-excitation is a dense layer here and a 1×1 convolution there
  const isConvolutionThere = name.includes("/squeeze-excite/");
  if (scheme.layout === "tensorflow") {
    return isConvolutionThere ? { shape: [1, 1, ...shape], order: [2, 3] } : inOrder;
  }
  if (shape.length === 2) {
    const [inputs, outputs] = shape as [number, number];
    return { shape: [outputs, inputs, ...(isConvolutionThere ? [1, 1] : [])], order: [1, 0] };
  }
  const [height, width, third, fourth] = shape as [number, number, number, number];
  return name.endsWith("/depthwise/kernel")
    ? { shape: [third, 1, height, width], order: [2, 3, 0, 1] }
    : { shape: [fourth, third, height, width], order: [2, 3, 1, 0] };
}

/** The source's numbers in our order. */
export function fromSource(values: Float32Array, layout: SourceLayout): Float32Array {
  const result = new Float32Array(values.length);
  walk(layout, (ours, theirs) => (result[ours] = values[theirs]!));
  return result;
}

/** Our numbers in the source's order. */
export function toSource(values: Float32Array, layout: SourceLayout): Float32Array {
  const result = new Float32Array(values.length);
  walk(layout, (ours, theirs) => (result[theirs] = values[ours]!));
  return result;
}

function walk(layout: SourceLayout, visit: (ours: number, theirs: number) => void): void {
  const { order, shape } = layout;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sides = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const size = shape.reduce((a, b) => a * b, 1);
  const index = sides.map(() => 0);
  let theirs = 0;
  for (let ours = 0; ours < size; ours++) {
    visit(ours, theirs);
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      theirs += steps[axis]!;
      if (index[axis]! < sides[axis]!) break;
      theirs -= steps[axis]! * sides[axis]!;
      index[axis] = 0;
    }
  }
}
