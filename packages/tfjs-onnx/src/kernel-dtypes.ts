import type { GraphDtype } from "./graph-builder.ts";
import type { Kernel, KernelTable } from "./kernel.ts";

const all: readonly GraphDtype[] = ["float32", "int32", "bool"];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const onlyFloats = words(`
    Acos Acosh Asin Asinh Atan Atan2
    Atanh AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad BatchMatMul
    Ceil Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropFilterV2
    Conv3DBackpropInputV2 Cos Cosh CropAndResize DepthToSpace DepthwiseConv2dNative
    DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Einsum Elu EluGrad Erf
    Expm1 Floor FusedBatchNorm FusedConv2D FusedDepthwiseConv2D LRN
    LRNGrad LinSpace Log Log1p MaxPool3D MaxPool3DGrad
    MaxPoolGrad Prelu RealDiv Reciprocal Relu6 ResizeBilinear
    ResizeBilinearGrad ResizeNearestNeighborGrad RotateWithOffset Round Rsqrt Selu
    Sigmoid Sin Sinh Softmax Softplus Sqrt
    Step Tan Tanh UnsortedSegmentSum _FusedMatMul
  `);
const onlyNumbers = words(`
    Abs Add AddN ArgMax ArgMin Bincount
    ClipByValue Cumprod Cumsum DenseBincount FloorDiv Greater
    GreaterEqual Less LessEqual Max Maximum Min
    Minimum Mod Multiply Neg Pow Prod
    Range Relu ScatterNd SearchSorted Sign Square
    SquaredDifference Sub TopK
  `);
const onlyTruthValues = words(`
    All Any LogicalAnd LogicalNot LogicalOr
  `);

const restricted: readonly (readonly [readonly string[], readonly GraphDtype[]])[] = [
  [onlyFloats, ["float32"]],
  [onlyNumbers, ["float32", "int32"]],
  [onlyTruthValues, ["bool"]],
];

const dtypesByKernel = new Map(
  restricted.flatMap(([names, dtypes]) => names.map((name) => [name, dtypes] as const)),
);

/** The dtypes that the operands of a kernel may have, where they are not fixed, as those of indices are. */
export const kernelDtypes = (kernelName: string): readonly GraphDtype[] =>
  dtypesByKernel.get(kernelName) ?? all;

/** Inputs that have a dtype of their own. */
const fixedInputs: ReadonlySet<string> = new Set([
  "boxes",
  "boxInd",
  "condition",
  "indices",
  "segmentIds",
  "sparseIndices",
]);
const countingKernels: ReadonlySet<string> = new Set(["Bincount", "DenseBincount"]);

/** Kernels that refuse operands of other dtypes than theirs. */
export const withDtypes = (kernels: KernelTable): KernelTable =>
  Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]): [string, Kernel] => {
      const dtypes = kernelDtypes(name);
      if (dtypes.length === all.length) return [name, kernel];
      return [
        name,
        (call) => {
          for (const [input, { dtype }] of call.inputEntries()) {
            if (dtypes.includes(dtype) || fixedInputs.has(input)) continue;
            if (input === "x" && countingKernels.has(name)) continue;
            throw call.unsupported(`input "${input}" has dtype ${dtype}, expected ${dtypes.join(" or ")}`);
          }
          return kernel(call);
        },
      ];
    }),
  );
