import { mapValue, scalarOp } from "../broadcast.ts";
import { scalarOf, type Attribute, type GraphBuilder, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { cast, reshape } from "../rearrange.ts";
import { splat, type SymbolicTensor } from "../symbolic-tensor.ts";

type Fold = (x: number) => number;

/** ONNX operators that mean exactly what the tfjs kernel of the table's key means. */
const floatOps: Readonly<Record<string, { readonly op: string; readonly fold?: Fold }>> = {
  Acos: { op: "Acos" },
  Acosh: { op: "Acosh" },
  Asin: { op: "Asin" },
  Asinh: { op: "Asinh" },
  Atan: { op: "Atan" },
  Atanh: { op: "Atanh" },
  Cos: { op: "Cos" },
  Cosh: { op: "Cosh" },
  Elu: { op: "Elu" },
  Erf: { op: "Erf" },
  Exp: { op: "Exp", fold: Math.exp },
  Log: { op: "Log", fold: Math.log },
  Reciprocal: { op: "Reciprocal", fold: (x) => 1 / x },
  Sigmoid: { op: "Sigmoid" },
  Sin: { op: "Sin" },
  Sinh: { op: "Sinh" },
  Softplus: { op: "Softplus" },
  Sqrt: { op: "Sqrt", fold: Math.sqrt },
  Tan: { op: "Tan" },
  Tanh: { op: "Tanh" },
};

/** Operators that ONNX defines for int32 too. */
const numberOps: typeof floatOps = {
  Abs: { op: "Abs", fold: Math.abs },
  Neg: { op: "Neg", fold: (x) => -x },
  Relu: { op: "Relu" },
  Sign: { op: "Sign" },
};

const roundingOps: typeof floatOps = {
  Ceil: { op: "Ceil", fold: Math.ceil },
  Floor: { op: "Floor", fold: Math.floor },
  Round: { op: "Round" },
};

function unaryKernel(op: string, fold: Fold | undefined): Kernel {
  return (call) => {
    const x = call.input("x");
    return mapValue(x, x.dtype, (value) => {
      const known = scalarOf(value);
      if (fold && known !== undefined) return constantLike(call.graph, value, fold(known));
      return call.graph.one(op, [value], { dims: value.dims, dtype: value.dtype });
    });
  };
}

function constantLike(graph: GraphBuilder, value: Value, number: number): Value {
  return reshape(graph, graph.scalar(number, value.dtype), value.dims);
}

function requireDtypes(kernel: Kernel, dtypes: readonly string[]): Kernel {
  return (call) => {
    const { dtype } = call.input("x");
    if (!dtypes.includes(dtype)) throw call.unsupported(`dtype ${dtype} of input "x"`);
    return kernel(call);
  };
}

/** Float-only kernels that tfjs also lets run on int32 or bool get their input as float32. */
function asFloat(call: KernelCall, name = "x"): SymbolicTensor {
  const x = call.input(name);
  return x.dtype === "float32" ? x : mapValue(x, "float32", (value) => cast(call.graph, value, "float32"));
}

function floatKernel(map: (graph: GraphBuilder, value: Value, call: KernelCall) => Value): Kernel {
  return (call) => {
    const x = asFloat(call);
    return mapValue(x, "float32", (value) => map(call.graph, value, call));
  };
}

const like = (value: Value, dtype: "float32" | "bool" = "float32") => ({ dims: value.dims, dtype });
const withFloats = (floats: Readonly<Record<string, number>>) => ({
  attributes: Object.fromEntries(
    Object.entries(floats).map(([name, float]): [string, Attribute] => [name, { float }]),
  ),
});

/** exp(x) - 1 = 2t / (1 - t) with t = tanh(x / 2), which keeps its digits around 0. */
function expm1(graph: GraphBuilder, x: Value): Value {
  const [half, one, two] = [graph.scalar(0.5), graph.scalar(1), graph.scalar(2)];
  const t = graph.one("Tanh", [scalarOp(graph, "Mul", [x, half])], like(x));
  const near = graph.one(
    "Div",
    [scalarOp(graph, "Mul", [t, two]), scalarOp(graph, "Sub", [one, t])],
    like(x),
  );
  const far = scalarOp(graph, "Sub", [graph.one("Exp", [x], like(x)), one]);
  const isNear = scalarOp(graph, "Less", [graph.one("Abs", [x], like(x)), one], "bool");
  return graph.one("Where", [isNear, near, far], like(x));
}

/** log(1 + x) = log(u) · x / (u - 1) with u = fl(1 + x); x itself where u = 1 (Kahan), log(u) for huge x. */
function log1p(graph: GraphBuilder, x: Value): Value {
  const one = graph.scalar(1);
  const u = scalarOp(graph, "Add", [x, one]);
  const logU = graph.one("Log", [u], like(x));
  const corrected = graph.one(
    "Mul",
    [logU, graph.one("Div", [x, scalarOp(graph, "Sub", [u, one])], like(x))],
    like(x),
  );
  const isTiny = scalarOp(graph, "Equal", [u, one], "bool");
  const isLarge = scalarOp(graph, "Greater", [x, graph.scalar(1e6)], "bool");
  return graph.one("Where", [isTiny, x, graph.one("Where", [isLarge, logU, corrected], like(x))], like(x));
}

/** 1 where x > 0, alpha elsewhere. */
function step(graph: GraphBuilder, x: Value, alpha: number): Value {
  const isPositive = scalarOp(graph, "Greater", [x, graph.scalar(0)], "bool");
  const stepped =
    alpha === 0
      ? cast(graph, isPositive, "float32")
      : graph.one("Where", [isPositive, graph.scalar(1), graph.scalar(alpha)], like(x));
  return stepped;
}

function clip(call: KernelCall): SymbolicTensor {
  const x = call.input("x");
  const bounds = [call.number("clipValueMin"), call.number("clipValueMax")];
  return mapValue(x, x.dtype, (value) =>
    call.graph.one("Clip", [value, ...bounds.map((bound) => call.graph.scalar(bound, value.dtype))], value),
  );
}

function castKernel(call: KernelCall): SymbolicTensor {
  const x = call.input("x");
  const dtype = call.text("dtype", "float32");
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
    throw call.refused("dtype", "expected float32, int32 or bool");
  }
  return mapValue(x, dtype, (value) => cast(call.graph, value, dtype));
}

const isNaN: Kernel = (call) => {
  const x = asFloat(call);
  return mapValue(x, "bool", (value) => call.graph.one("IsNaN", [value], like(value, "bool")));
};
const isInf: Kernel = (call) => {
  const x = asFloat(call);
  return mapValue(x, "bool", (value) => call.graph.one("IsInf", [value], like(value, "bool")));
};
const isFinite: Kernel = (call) => {
  const x = asFloat(call);
  return mapValue(x, "bool", (value) => {
    const isBad = call.graph.one(
      "Or",
      [
        call.graph.one("IsInf", [value], like(value, "bool")),
        call.graph.one("IsNaN", [value], like(value, "bool")),
      ],
      like(value, "bool"),
    );
    return call.graph.one("Not", [isBad], like(value, "bool"));
  });
};

const mapEntries = (ops: typeof floatOps, dtypes: readonly string[]): KernelTable =>
  Object.fromEntries(
    Object.entries(ops).map(([name, { op, fold }]) => [name, requireDtypes(unaryKernel(op, fold), dtypes)]),
  );

export const unaryKernels: KernelTable = {
  ...Object.fromEntries(
    Object.entries(floatOps).map(([name, { op, fold }]) => [
      name,
      floatKernel((graph, value) => {
        const known = scalarOf(value);
        return fold && known !== undefined
          ? constantLike(graph, value, fold(known))
          : graph.one(op, [value], like(value));
      }),
    ]),
  ),
  ...mapEntries(numberOps, ["float32", "int32"]),
  ...mapEntries(roundingOps, ["float32"]),
  Cast: castKernel,
  ClipByValue: requireDtypes(clip, ["float32", "int32"]),
  Expm1: floatKernel(expm1),
  Identity: (call) => call.input("x"),
  IsFinite: isFinite,
  IsInf: isInf,
  IsNan: isNaN,
  LeakyRelu: floatKernel((graph, value, call) =>
    graph.one("LeakyRelu", [value], like(value), withFloats({ alpha: call.number("alpha") })),
  ),
  Log1p: floatKernel(log1p),
  LogicalNot: requireDtypes(unaryKernel("Not", undefined), ["bool"]),
  OnesLike: (call) => splat(call.graph, call.input("x").shape, call.input("x").dtype, 1),
  Relu6: floatKernel((graph, value) =>
    graph.one("Clip", [value, graph.scalar(0), graph.scalar(6)], like(value)),
  ),
  Rsqrt: floatKernel((graph, value) => {
    const known = scalarOf(value);
    if (known !== undefined) return constantLike(graph, value, 1 / Math.sqrt(known));
    return graph.one("Reciprocal", [graph.one("Sqrt", [value], like(value))], like(value));
  }),
  Selu: floatKernel((graph, value) =>
    graph.one(
      "Selu",
      [value],
      like(value),
      withFloats({ alpha: 1.6732632423543772, gamma: 1.0507009873554805 }),
    ),
  ),
  Square: (call) => {
    const x = call.input("x");
    return mapValue(x, x.dtype, (value) => {
      const known = scalarOf(value);
      return known === undefined
        ? call.graph.one("Mul", [value, value], value)
        : constantLike(call.graph, value, known * known);
    });
  },
  Step: floatKernel((graph, value, call) => step(graph, value, call.number("alpha"))),
  ZerosLike: (call) => splat(call.graph, call.input("x").shape, call.input("x").dtype, 0),
};
