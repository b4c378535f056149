import type { GraphDtype } from "../graph-builder.ts";
import type { GraphArray } from "../session.ts";

type Shape = readonly number[];

/** One call of a kernel by its tfjs name. */
export interface KernelExample {
  /** Inputs whose dtype varies. */
  readonly inputs?: Readonly<Record<string, Shape>>;
  /** Inputs that always have this dtype. */
  readonly fixed?: Readonly<Record<string, { readonly shape: Shape; readonly dtype: GraphDtype }>>;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly values?: Readonly<Record<string, GraphArray>>;
  /** The attribute that carries the dtype instead of an input. */
  readonly dtypeAttribute?: "dtype";
}

const row = [2, 3];
const image = [1, 4, 5, 2];
const volume = [1, 3, 4, 4, 2];
const one: KernelExample = { inputs: { x: row } };
const two: KernelExample = { inputs: { a: row, b: [3] } };
const positive = Float32Array.of(1.1, 1.5, 2, 3, 0.5, 7);
const unit = Float32Array.of(0.1, 0.9, -0.5, 0.3, -0.7, 0);

const oneWithin = (values: Float32Array): KernelExample => ({ ...one, values: { x: values } });
const reduced = (name = "axis"): KernelExample => ({ ...one, attributes: { [name]: [1], keepDims: false } });
const indices = (name: string, shape: Shape, values: readonly number[]): KernelExample => ({
  fixed: { [name]: { shape, dtype: "int32" } },
  values: { [name]: Int32Array.from(values) },
});
const window = { filterSize: [2, 2], strides: [2, 1], pad: "same" };
const convolution = { strides: [1, 2], pad: "same", dataFormat: "NHWC", dilations: [1, 1] };
const gradientOfConvolution = { strides: [1, 2], pad: "same", dataFormat: "NHWC" };
const volumeWindow = { filterSize: [2, 2, 2], strides: [1, 1, 1], pad: "valid" };
const volumeConvolution = { strides: [1, 1, 1], pad: "valid" };
const sampling = { alignCorners: false, halfPixelCenters: true };
const activated = { activation: "relu" };
const response = { depthRadius: 1, bias: 1, alpha: 0.5, beta: 0.5 };

const ones = [
  "Abs",
  "Asinh",
  "Atan",
  "Ceil",
  "Cos",
  "Cosh",
  "Elu",
  "Erf",
  "Exp",
  "Expm1",
  "Floor",
  "Identity",
];
const moreOnes = [
  "IsFinite",
  "IsInf",
  "IsNan",
  "LogicalNot",
  "Neg",
  "OnesLike",
  "Relu",
  "Relu6",
  "Round",
  "Selu",
];
const lastOnes = ["Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Square", "Tan", "Tanh", "ZerosLike"];
const pairs = [
  "Add",
  "Atan2",
  "Equal",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "LogicalAnd",
  "LogicalOr",
];
const morePairs = ["Maximum", "Minimum", "Multiply", "NotEqual", "RealDiv", "SquaredDifference", "Sub"];
const named = (names: readonly string[], example: KernelExample): Record<string, KernelExample> =>
  Object.fromEntries(names.map((name) => [name, example]));

export const kernelExamples: Readonly<Record<string, KernelExample>> = {
  ...named([...ones, ...moreOnes, ...lastOnes], one),
  ...named([...pairs, ...morePairs], two),
  ...named(["All", "Any", "Mean", "Min", "Prod", "Sum"], reduced()),
  ...named(["ArgMax", "ArgMin"], { ...one, attributes: { axis: 1 } }),
  ...named(["Acos", "Asin", "Atanh"], oneWithin(unit)),
  ...named(["Log", "Log1p", "Reciprocal", "Rsqrt", "Sqrt"], oneWithin(positive)),
  Acosh: oneWithin(Float32Array.of(1.1, 1.5, 2, 3, 5, 7)),
  AddN: { inputs: { 0: row, 1: row } },
  AvgPool: { inputs: { x: image }, attributes: window },
  AvgPool3D: { inputs: { x: volume }, attributes: volumeWindow },
  AvgPool3DGrad: { inputs: { dy: [1, 2, 3, 3, 2], input: volume }, attributes: volumeWindow },
  AvgPoolGrad: { inputs: { dy: [1, 2, 5, 2], input: image }, attributes: window },
  BatchMatMul: {
    inputs: { a: [2, 2, 3], b: [2, 4, 3] },
    attributes: { transposeA: false, transposeB: true },
  },
  BatchToSpaceND: {
    inputs: { x: [4, 1, 2, 2] },
    attributes: {
      blockShape: [2, 2],
      crops: [
        [0, 0],
        [0, 1],
      ],
    },
  },
  Bincount: { inputs: { weights: [4] }, ...indices("x", [4], [0, 2, 2, 5]), attributes: { size: 4 } },
  Cast: { ...one, attributes: { dtype: "float32" } },
  ClipByValue: { ...one, attributes: { clipValueMin: -1, clipValueMax: 1 } },
  Concat: { inputs: { 0: row, 1: [2, 1] }, attributes: { axis: 1 } },
  Conv2D: { inputs: { x: image, filter: [2, 3, 2, 3] }, attributes: convolution },
  Conv2DBackpropFilter: {
    inputs: { x: image, dy: [1, 4, 3, 3] },
    attributes: { ...gradientOfConvolution, filterShape: [2, 3, 2, 3] },
  },
  Conv2DBackpropInput: {
    inputs: { dy: [1, 4, 3, 3], filter: [2, 3, 2, 3] },
    attributes: { ...gradientOfConvolution, inputShape: image },
  },
  Conv3D: {
    inputs: { x: volume, filter: [2, 2, 2, 2, 3] },
    attributes: { ...volumeConvolution, dilations: [1, 1, 1] },
  },
  Conv3DBackpropFilterV2: {
    inputs: { x: volume, dy: [1, 2, 3, 3, 3] },
    attributes: { ...volumeConvolution, filterShape: [2, 2, 2, 2, 3] },
  },
  Conv3DBackpropInputV2: {
    inputs: { dy: [1, 2, 3, 3, 3], filter: [2, 2, 2, 2, 3] },
    attributes: { ...volumeConvolution, inputShape: volume },
  },
  CropAndResize: {
    inputs: { image },
    fixed: { boxes: { shape: [2, 4], dtype: "float32" }, boxInd: { shape: [2], dtype: "int32" } },
    attributes: { cropSize: [3, 2], method: "bilinear", extrapolationValue: 0 },
    values: { boxes: Float32Array.of(0.1, 0.2, 0.8, 0.7, 0, 0, 1, 1), boxInd: Int32Array.of(0, 0) },
  },
  Cumprod: { ...one, attributes: { axis: 1, exclusive: false, reverse: true } },
  Cumsum: { ...one, attributes: { axis: 1, exclusive: true, reverse: false } },
  DenseBincount: {
    inputs: { weights: [2, 2] },
    ...indices("x", [2, 2], [0, 2, 2, 5]),
    attributes: { size: 4, binaryOutput: false },
  },
  DepthToSpace: { inputs: { x: [1, 2, 2, 4] }, attributes: { blockSize: 2, dataFormat: "NHWC" } },
  DepthwiseConv2dNative: { inputs: { x: image, filter: [2, 3, 2, 2] }, attributes: convolution },
  DepthwiseConv2dNativeBackpropFilter: {
    inputs: { x: image, dy: [1, 4, 3, 4] },
    attributes: { strides: [1, 2], pad: "same", dilations: [1, 1], filterShape: [2, 3, 2, 2] },
  },
  DepthwiseConv2dNativeBackpropInput: {
    inputs: { dy: [1, 4, 3, 4], filter: [2, 3, 2, 2] },
    attributes: { strides: [1, 2], pad: "same", dilations: [1, 1], inputShape: image },
  },
  Diag: { inputs: { x: [3] } },
  Einsum: { inputs: { 0: [2, 3], 1: [3, 4] }, attributes: { equation: "ij,jk->ik" } },
  EluGrad: { inputs: { dy: row, y: row } },
  ExpandDims: { inputs: { input: row }, attributes: { dim: 1 } },
  Fill: { attributes: { shape: row, value: 1 }, dtypeAttribute: "dtype" },
  FlipLeftRight: { inputs: { image } },
  FloorDiv: { ...two, values: { b: Float32Array.of(2, -3, 1) } },
  FusedBatchNorm: {
    inputs: { x: image, mean: [2], variance: [2], scale: [2], offset: [2] },
    attributes: { varianceEpsilon: 0.1 },
    values: { variance: Float32Array.of(0.5, 2) },
  },
  FusedConv2D: {
    inputs: { x: image, filter: [2, 3, 2, 3], bias: [3] },
    attributes: { ...convolution, ...activated },
  },
  FusedDepthwiseConv2D: {
    inputs: { x: image, filter: [2, 3, 2, 2], bias: [4] },
    attributes: { ...convolution, ...activated },
  },
  GatherNd: { inputs: { params: [3, 2] }, ...indices("indices", [2, 1], [2, 0]) },
  GatherV2: {
    inputs: { x: [3, 2] },
    ...indices("indices", [2], [2, 0]),
    attributes: { axis: 0, batchDims: 0 },
  },
  LRN: { inputs: { x: image }, attributes: response },
  LRNGrad: { inputs: { x: image, y: image, dy: image }, attributes: response },
  LeakyRelu: { ...one, attributes: { alpha: 0.3 } },
  LinSpace: { attributes: { start: 0, stop: 1, num: 4 } },
  Max: reduced("reductionIndices"),
  MaxPool: { inputs: { x: image }, attributes: window },
  MaxPool3D: { inputs: { x: volume }, attributes: volumeWindow },
  MaxPool3DGrad: {
    inputs: { dy: [1, 2, 3, 3, 2], input: volume, output: [1, 2, 3, 3, 2] },
    attributes: volumeWindow,
  },
  MaxPoolGrad: { inputs: { dy: [1, 2, 5, 2], input: image, output: [1, 2, 5, 2] }, attributes: window },
  MaxPoolWithArgmax: { inputs: { x: image }, attributes: { ...window, includeBatchInIndex: true } },
  MirrorPad: {
    ...one,
    attributes: {
      paddings: [
        [1, 0],
        [0, 2],
      ],
      mode: "reflect",
    },
  },
  Mod: { ...two, values: { b: Float32Array.of(2, -3, 1.5) } },
  OneHot: {
    ...indices("indices", [4], [0, 2, 1, 5]),
    attributes: { depth: 3, onValue: 1, offValue: 0 },
    dtypeAttribute: "dtype",
  },
  Pack: { inputs: { 0: row, 1: row }, attributes: { axis: 1 } },
  PadV2: {
    ...one,
    attributes: {
      paddings: [
        [1, 0],
        [0, 2],
      ],
      constantValue: 1,
    },
  },
  Pow: { ...two, values: { a: positive, b: Float32Array.of(2, 0, 1) } },
  Prelu: { inputs: { x: row, alpha: [3] } },
  Range: { attributes: { start: 0, stop: 5, step: 2 }, dtypeAttribute: "dtype" },
  Reshape: { ...one, attributes: { shape: [3, 2] } },
  ResizeBilinear: { inputs: { images: image }, attributes: { ...sampling, size: [7, 3] } },
  ResizeBilinearGrad: {
    inputs: { images: [1, 4, 4, 2], dy: [1, 8, 8, 2] },
    attributes: { alignCorners: true, halfPixelCenters: false },
  },
  ResizeNearestNeighbor: { inputs: { images: image }, attributes: { ...sampling, size: [7, 3] } },
  ResizeNearestNeighborGrad: {
    inputs: { images: [1, 4, 4, 2], dy: [1, 8, 8, 2] },
    attributes: { alignCorners: false, halfPixelCenters: false },
  },
  Reverse: { ...one, attributes: { dims: [1] } },
  RotateWithOffset: { inputs: { image }, attributes: { radians: 0.5, fillValue: 0, center: 0.5 } },
  ScatterNd: {
    inputs: { updates: [2, 3] },
    ...indices("indices", [2, 1], [2, 0]),
    attributes: { shape: [4, 3] },
  },
  SearchSorted: {
    inputs: { sortedSequence: [1, 3], values: [1, 2] },
    attributes: { side: "left" },
    values: { sortedSequence: Float32Array.of(-1, 0, 1) },
  },
  Select: { inputs: { t: row, e: row }, fixed: { condition: { shape: row, dtype: "bool" } } },
  Slice: { ...one, attributes: { begin: [0, 1], size: [2, 2] } },
  Softmax: { inputs: { logits: row }, attributes: { dim: 1 } },
  SpaceToBatchND: {
    inputs: { x: image },
    attributes: {
      blockShape: [2, 2],
      paddings: [
        [0, 0],
        [1, 0],
      ],
    },
  },
  SparseToDense: {
    inputs: { sparseValues: [2], defaultValue: [] },
    ...indices("sparseIndices", [2, 1], [3, 1]),
    attributes: { outputShape: [5] },
  },
  SplitV: { ...one, attributes: { numOrSizeSplits: [1, 2], axis: 1 } },
  Step: { ...one, attributes: { alpha: 0 } },
  StridedSlice: {
    ...one,
    attributes: {
      begin: [1, 0],
      end: [-3, 3],
      strides: [-1, 2],
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
    },
  },
  TensorScatterUpdate: { inputs: { tensor: [4, 3], updates: [2, 3] }, ...indices("indices", [2, 1], [3, 1]) },
  Tile: { ...one, attributes: { reps: [2, 1] } },
  TopK: { ...one, attributes: { k: 2, sorted: true } },
  Transpose: { ...one, attributes: { perm: [1, 0] } },
  Unpack: { inputs: { value: row }, attributes: { axis: 0 } },
  UnsortedSegmentSum: {
    inputs: { x: [3, 2] },
    ...indices("segmentIds", [3], [1, 0, 1]),
    attributes: { numSegments: 2 },
  },
  _FusedMatMul: {
    inputs: { a: row, b: [3, 4], bias: [4] },
    attributes: { transposeA: false, transposeB: false, ...activated },
  },
};
