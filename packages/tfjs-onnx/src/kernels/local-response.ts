import { elementwise } from "../broadcast.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { expand, reshape } from "../rearrange.ts";
import { fullValue, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";

interface Response {
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

const readResponse = (call: KernelCall): Response => ({
  radius: call.number("depthRadius"),
  bias: call.number("bias"),
  alpha: call.number("alpha"),
  beta: call.number("beta"),
});

/** y = x · (bias + alpha · Σ x²)^-beta over the channels within the radius; ONNX divides alpha by their number. */
const localResponse: Kernel = (call) => {
  const x = call.input("x");
  const { radius, bias, alpha, beta } = readResponse(call);
  const size = 2 * radius + 1;
  const full = fullValue(call.graph, x, "nchw");
  const value = call.graph.one("LRN", [full], full, {
    attributes: {
      size: { int: size },
      alpha: { float: alpha * size },
      beta: { float: beta },
      bias: { float: bias },
    },
  });
  return symbolic(x.shape, "float32", value, "nchw");
};

/** Sums over the channels within the radius: a convolution with ones along the channels. */
function neighbourSum(graph: GraphBuilder, x: SymbolicTensor, radius: number): SymbolicTensor {
  const full = fullValue(graph, x, "nchw");
  const [batch, channels, height, width] = full.dims as [number, number, number, number];
  const dims = [batch, 1, channels, height * width];
  const summed = graph.one(
    "Conv",
    [reshape(graph, full, dims), expand(graph, graph.scalar(1), [1, 1, 2 * radius + 1, 1])],
    { dims, dtype: "float32" },
    { attributes: { kernel_shape: { ints: [2 * radius + 1, 1] }, pads: { ints: [radius, 0, radius, 0] } } },
  );
  return symbolic(x.shape, "float32", reshape(graph, summed, full.dims), "nchw");
}

/** dx = dy · norm^-beta - 2 · alpha · beta · x · Σ y · dy / norm */
const localResponseGradient: Kernel = (call) => {
  const { graph } = call;
  const [x, y, dy] = [call.input("x"), call.input("y"), call.input("dy")];
  const { radius, bias, alpha, beta } = readResponse(call);
  const number = (value: number): SymbolicTensor => splat(graph, [], "float32", value);
  const apply = (op: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor =>
    elementwise(graph, op, [a, b], "float32");
  const squares = neighbourSum(graph, apply("Mul", x, x), radius);
  const norm = apply("Add", apply("Mul", squares, number(alpha)), number(bias));
  const own = apply("Mul", dy, apply("Pow", norm, number(-beta)));
  const shares = neighbourSum(graph, apply("Div", apply("Mul", y, dy), norm), radius);
  return apply("Sub", own, apply("Mul", apply("Mul", x, shares), number(2 * alpha * beta)));
};

export const localResponseKernels: KernelTable = { LRN: localResponse, LRNGrad: localResponseGradient };
