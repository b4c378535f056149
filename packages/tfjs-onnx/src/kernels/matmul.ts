import { type Tensor, backend_util, broadcast_util, util } from "@tensorflow/tfjs-core";
import { microsoftDomain, type GraphBuilder, type Value } from "../graph-builder.ts";
import type { KernelCall, KernelTable } from "../kernel.ts";
import { transpose } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { addBiasAndActivate } from "./fused.ts";

function multiply(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const [a, b] = [call.input("a"), call.input("b")];
  const [transposeA, transposeB] = [call.flag("transposeA"), call.flag("transposeB")];
  if (a.dtype !== "float32" || b.dtype !== "float32")
    throw call.unsupported(`dtypes ${a.dtype} and ${b.dtype}`);
  const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  util.assert(
    inner[0] === inner[1],
    () =>
      `Error in matMul: inner lengths ${inner.join(" and ")} of [${a.shape.join()}] and [${b.shape.join()}]`,
  );
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const type = { dims: [...batch, rows, columns], dtype: "float32" } as const;
  const [left, right] = [fullValue(graph, a), fullValue(graph, b)];
  return symbolic(type.dims, "float32", oriented(graph, [left, right], [transposeA, transposeB], type));
}

/**
 * The product with matrices read in the order in which they are stored. Rows that lie across the memory of `a`, such as
 * pixels of an image in channel order, come out across memory too: A·B is then had as (Bᵀ·Aᵀ)ᵀ.
 */
function oriented(
  graph: GraphBuilder,
  operands: Both<Value>,
  isTransposed: Both<boolean>,
  type: { readonly dims: readonly number[]; readonly dtype: "float32" },
): Value {
  const [a, b] = operands.map((value) => swappedSource(graph, value));
  if (graph.target !== "cpu" || (a === undefined && b === undefined)) {
    return product(graph, operands, isTransposed, type);
  }
  const left = a ?? operands[0];
  const right = b ?? operands[1];
  const flags = [isTransposed[0] !== (a !== undefined), isTransposed[1] !== (b !== undefined)] as const;
  if (a === undefined || isTransposed[0]) return product(graph, [left, right], flags, type);
  const dims = [...type.dims.slice(0, -2), type.dims.at(-1)!, type.dims.at(-2)!];
  const turned = product(graph, [right, left], [!flags[1], !flags[0]], { dims, dtype: type.dtype });
  return swapLast(graph, turned);
}

/** What a value is the batch-wise matrix transposition of. */
function swappedSource(graph: GraphBuilder, value: Value): Value | undefined {
  const producer = graph.producer(value);
  const permutation = producer?.op === "Transpose" ? producer.attributes?.["perm"] : undefined;
  return permutation && "ints" in permutation && permutation.ints.join() === "0,2,1"
    ? producer?.inputs[0]
    : undefined;
}

type Both<T> = readonly [T, T];

// One operator with two operands, two flags and one type.
function product(
  graph: GraphBuilder,
  [a, b]: Both<Value>,
  [isTransposedA, isTransposedB]: Both<boolean>,
  type: { readonly dims: readonly number[]; readonly dtype: "float32" },
): Value {
  if (!isTransposedA && !isTransposedB) return graph.one("MatMul", [a, b], type);
  const flags = { transA: { int: Number(isTransposedA) }, transB: { int: Number(isTransposedB) } };
  if (a.dims.length === 2 && b.dims.length === 2)
    return graph.one("Gemm", [a, b], type, { attributes: flags });
  if (graph.target === "cpu") {
    return graph.one("FusedMatMul", [a, b], type, { domain: microsoftDomain, attributes: flags });
  }
  const operands = [isTransposedA ? swapLast(graph, a) : a, isTransposedB ? swapLast(graph, b) : b];
  return graph.one("MatMul", operands, type);
}

function swapLast(graph: GraphBuilder, value: Value): Value {
  const axes = value.dims.map((_, axis) => axis);
  return transpose(graph, value, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

function einsum(call: KernelCall): SymbolicTensor {
  const equation = call.text("equation", "").replaceAll(" ", "");
  const tensors = call.allInputs();
  const [inputs, output] = equation.split("->");
  if (inputs === undefined || output === undefined || equation.includes(".")) {
    throw call.refused("equation", "expected named axes and an explicit output");
  }
  if (tensors.some(({ dtype }) => dtype !== "float32")) throw call.unsupported("operands other than float32");
  const plan = backend_util.decodeEinsumEquation(equation, tensors.length);
  backend_util.checkEinsumDimSizes(plan.allDims.length, plan.idDims, tensors as unknown as Tensor[]);
  const lengths = new Map<string, number>();
  inputs.split(",").forEach((term, index) => {
    term.split("").forEach((name, axis) => lengths.set(name, tensors[index]!.shape[axis]!));
  });
  const dims = output.split("").map((name) => lengths.get(name)!);
  const values = tensors.map((tensor) => fullValue(call.graph, tensor));
  const value = call.graph.one(
    "Einsum",
    values,
    { dims, dtype: "float32" },
    { attributes: { equation: { text: equation } } },
  );
  return symbolic(dims, "float32", value);
}

export const matmulKernels: KernelTable = {
  BatchMatMul: multiply,
  Einsum: einsum,
  _FusedMatMul: (call) => addBiasAndActivate(call, multiply(call)),
};
