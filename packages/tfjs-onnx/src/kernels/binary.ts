import { upcastType } from "@tensorflow/tfjs-core";
import { broadcastShape, elementwise, mapValue } from "../broadcast.ts";
import { scalarOf, type GraphBuilder, type GraphDtype, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { cast, reshape, sameDims } from "../rearrange.ts";
import { compactValue, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";

interface ArithmeticOp {
  readonly op: string;
  readonly fold: (a: number, b: number) => number;
  /** The right operand that changes nothing. */
  readonly neutralRight?: number;
  /** The left operand that changes nothing. */
  readonly neutralLeft?: number;
}

const arithmeticOps: Readonly<Record<string, ArithmeticOp>> = {
  Add: { op: "Add", fold: (a, b) => a + b, neutralLeft: 0, neutralRight: 0 },
  Maximum: { op: "Max", fold: Math.max },
  Minimum: { op: "Min", fold: Math.min },
  Multiply: { op: "Mul", fold: (a, b) => a * b, neutralLeft: 1, neutralRight: 1 },
  RealDiv: { op: "Div", fold: (a, b) => a / b, neutralRight: 1 },
  Sub: { op: "Sub", fold: (a, b) => a - b, neutralRight: 0 },
};

const comparisonOps: Readonly<Record<string, { readonly op: string; readonly isNegated?: true }>> = {
  Equal: { op: "Equal" },
  Greater: { op: "Greater" },
  GreaterEqual: { op: "GreaterOrEqual" },
  Less: { op: "Less" },
  LessEqual: { op: "LessOrEqual" },
  NotEqual: { op: "Equal", isNegated: true },
};

/** Arithmetic with constant folding of numbers; adding 0 and multiplying by 1 leave the other operand as it is. */
export function arithmetic(
  graph: GraphBuilder,
  kernelName: keyof typeof arithmeticOps,
  a: SymbolicTensor,
  b: SymbolicTensor,
): SymbolicTensor {
  const known = arithmeticOps[kernelName]!;
  const [numberA, numberB] = [splatNumber(a), splatNumber(b)];
  if (numberA !== undefined && numberB !== undefined && a.dtype === "float32") {
    return splat(graph, broadcastShape([a, b]), a.dtype, known.fold(numberA, numberB));
  }
  if (numberB !== undefined && numberB === known.neutralRight)
    return repeated(graph, a, broadcastShape([a, b]));
  if (numberA !== undefined && numberA === known.neutralLeft)
    return repeated(graph, b, broadcastShape([a, b]));
  return elementwise(graph, known.op, [a, b], a.dtype);
}

function splatNumber(tensor: SymbolicTensor): number | undefined {
  return tensor.value.dims.length === 0 ? scalarOf(tensor.value) : undefined;
}

/** The tensor under the wider shape, its new axes not yet filled. */
export function repeated(
  graph: GraphBuilder,
  tensor: SymbolicTensor,
  shape: readonly number[],
): SymbolicTensor {
  if (sameDims(tensor.shape, shape)) return tensor;
  const missing = shape.length - tensor.shape.length;
  if (missing === 0 || tensor.value.dims.length === 0) {
    return symbolic(shape, tensor.dtype, tensor.value, tensor.layout);
  }
  const value = compactValue(graph, tensor, "logical");
  const lead = Array.from({ length: missing }, () => 1);
  return symbolic(shape, tensor.dtype, reshape(graph, value, [...lead, ...value.dims]));
}

function binaryKernel(
  dtypes: readonly GraphDtype[],
  compute: (call: KernelCall, a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor,
): Kernel {
  return (call) => {
    const [a, b] = [call.input("a"), call.input("b")];
    for (const { dtype } of [a, b])
      if (!dtypes.includes(dtype)) throw call.unsupported(`operands of dtype ${dtype}`);
    if (a.dtype !== b.dtype) throw call.unsupported(`operands of dtypes ${a.dtype} and ${b.dtype}`);
    return compute(call, a, b);
  };
}

const numeric: readonly GraphDtype[] = ["float32", "int32"];

/** a - b · ⌊a / b⌋: the remainder has the sign of b. */
function floorMod(call: KernelCall, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  const { graph } = call;
  if (a.dtype === "int32") return elementwise(graph, "Mod", [a, b], "int32");
  const quotient = floored(graph, elementwise(graph, "Div", [a, b], "float32"));
  return elementwise(graph, "Sub", [a, elementwise(graph, "Mul", [b, quotient], "float32")], "float32");
}

/** ⌊a / b⌋ as int32. ONNX divides integers towards zero, so a remainder with the other sign than b takes 1 off. */
function floorDivision(call: KernelCall, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  const { graph } = call;
  if (a.dtype === "float32") {
    const quotient = floored(graph, elementwise(graph, "Div", [a, b], "float32"));
    return mapValue(quotient, "int32", (value) => cast(graph, value, "int32"));
  }
  const quotient = elementwise(graph, "Div", [a, b], "int32");
  const remainder = elementwise(
    graph,
    "Sub",
    [a, elementwise(graph, "Mul", [quotient, b], "int32")],
    "int32",
  );
  const zero = splat(graph, [], "int32", 0);
  const isRest = mapValue(elementwise(graph, "Equal", [remainder, zero], "bool"), "bool", (value) =>
    not(graph, value),
  );
  const otherSign = elementwise(
    graph,
    "Xor",
    [elementwise(graph, "Less", [remainder, zero], "bool"), elementwise(graph, "Less", [b, zero], "bool")],
    "bool",
  );
  const excess = mapValue(elementwise(graph, "And", [isRest, otherSign], "bool"), "int32", (value) =>
    cast(graph, value, "int32"),
  );
  return elementwise(graph, "Sub", [quotient, excess], "int32");
}

const floored = (graph: GraphBuilder, tensor: SymbolicTensor): SymbolicTensor =>
  mapValue(tensor, "float32", (value) => graph.one("Floor", [value], value));

const not = (graph: GraphBuilder, value: Value): Value =>
  graph.one("Not", [value], { dims: value.dims, dtype: "bool" });

/** atan(|a| / |b|), moved to the quadrant of (b, a) as C's atan2 does; signs of zeros count for nothing. */
function arcTangent2(call: KernelCall, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  const { graph } = call;
  const number = (value: number): SymbolicTensor => splat(graph, [], "float32", value);
  const is = (op: string, left: SymbolicTensor): SymbolicTensor =>
    elementwise(graph, op, [left, number(0)], "bool");
  const choose = (condition: SymbolicTensor, yes: SymbolicTensor, no: SymbolicTensor): SymbolicTensor =>
    elementwise(graph, "Where", [condition, yes, no], "float32");
  const map = (op: string, x: SymbolicTensor): SymbolicTensor =>
    mapValue(x, "float32", (value) => graph.one(op, [value], value));
  const angle = map("Atan", elementwise(graph, "Div", [map("Abs", a), map("Abs", b)], "float32"));
  const right = choose(is("Less", b), elementwise(graph, "Sub", [number(Math.PI), angle], "float32"), angle);
  const turned = choose(is("Less", a), map("Neg", right), right);
  const origin = elementwise(graph, "And", [is("Equal", a), is("Equal", b)], "bool");
  return choose(origin, number(0), turned);
}

function power(call: KernelCall, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  const { graph } = call;
  const exponent = splatNumber(b);
  const base = splatNumber(a);
  if (base !== undefined && exponent !== undefined && a.dtype === "float32") {
    return splat(graph, broadcastShape([a, b]), "float32", Math.pow(base, exponent));
  }
  if (a.dtype === "float32" && sameDims(broadcastShape([a, b]), a.shape)) {
    if (exponent === 1) return a;
    if (exponent === 2) return elementwise(graph, "Mul", [a, a], "float32");
    if (exponent === 0.5) return mapValue(a, "float32", (value) => graph.one("Sqrt", [value], value));
  }
  return elementwise(graph, "Pow", [a, b], a.dtype);
}

function select(call: KernelCall): SymbolicTensor {
  const [condition, t, e] = [call.input("condition"), call.input("t"), call.input("e")];
  if (condition.shape.length !== t.shape.length && condition.shape.length > 0) {
    throw call.unsupported(
      `a condition of rank ${condition.shape.length} with operands of rank ${t.shape.length}`,
    );
  }
  const dtype = upcastType(t.dtype, e.dtype) as GraphDtype;
  const operands = [t, e].map((operand) =>
    mapValue(operand, dtype, (value) => cast(call.graph, value, dtype)),
  );
  if (dtype === "bool") return selectTruth(call.graph, condition, operands);
  return elementwise(call.graph, "Where", [condition, ...operands], dtype);
}

/** ONNX Runtime's Where knows no bool: (condition and t) or (not condition and e). */
function selectTruth(
  graph: GraphBuilder,
  condition: SymbolicTensor,
  [t, e]: readonly SymbolicTensor[],
): SymbolicTensor {
  const isNot = mapValue(condition, "bool", (value) => not(graph, value));
  return elementwise(
    graph,
    "Or",
    [elementwise(graph, "And", [condition, t!], "bool"), elementwise(graph, "And", [isNot, e!], "bool")],
    "bool",
  );
}

function addAll(call: KernelCall): SymbolicTensor {
  const [first, ...rest] = call.allInputs();
  if (!first) throw call.unsupported("no operands");
  return rest.reduce((sum, tensor) => arithmetic(call.graph, "Add", sum, tensor), first);
}

/** dy · (y ≥ 0 ? 1 : y + 1) */
function eluGradient(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const [dy, y] = [call.input("dy"), call.input("y")];
  const slope = elementwise(
    graph,
    "Min",
    [
      elementwise(graph, "Add", [y, splat(graph, [], "float32", 1)], "float32"),
      splat(graph, [], "float32", 1),
    ],
    "float32",
  );
  return elementwise(graph, "Mul", [dy, slope], "float32");
}

function prelu(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const [x, alpha] = [call.input("x"), call.input("alpha")];
  const isNegative = elementwise(graph, "Less", [x, splat(graph, [], "float32", 0)], "bool");
  const scaled = elementwise(graph, "Mul", [x, alpha], "float32");
  return elementwise(graph, "Where", [isNegative, scaled, x], "float32");
}

const arithmeticKernels: KernelTable = Object.fromEntries(
  Object.keys(arithmeticOps).map((name): [string, Kernel] => [
    name,
    binaryKernel(numeric, (call, a, b) => {
      if (name === "RealDiv" && a.dtype === "int32") throw call.unsupported("operands of dtype int32");
      return arithmetic(call.graph, name, a, b);
    }),
  ]),
);

const comparisonKernels: KernelTable = Object.fromEntries(
  Object.entries(comparisonOps).map(([name, { op, isNegated }]): [string, Kernel] => [
    name,
    binaryKernel(op === "Equal" ? ["float32", "int32", "bool"] : numeric, ({ graph }, a, b) => {
      const compared = elementwise(graph, op, [a, b], "bool");
      return isNegated ? mapValue(compared, "bool", (value) => not(graph, value)) : compared;
    }),
  ]),
);

const logicalKernel = (op: string): Kernel =>
  binaryKernel(["bool"], ({ graph }, a, b) => elementwise(graph, op, [a, b], "bool"));

export const binaryKernels: KernelTable = {
  ...arithmeticKernels,
  ...comparisonKernels,
  AddN: addAll,
  Atan2: binaryKernel(["float32"], arcTangent2),
  EluGrad: eluGradient,
  FloorDiv: binaryKernel(numeric, floorDivision),
  LogicalAnd: logicalKernel("And"),
  LogicalOr: logicalKernel("Or"),
  Mod: binaryKernel(numeric, floorMod),
  Pow: binaryKernel(numeric, power),
  Prelu: prelu,
  Select: select,
  SquaredDifference: binaryKernel(numeric, ({ graph }, a, b) => {
    const difference = elementwise(graph, "Sub", [a, b], a.dtype);
    return elementwise(graph, "Mul", [difference, difference], a.dtype);
  }),
};
