import { elementwise, mapValue } from "../broadcast.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { reshape, transpose } from "../rearrange.ts";
import { fullValue, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { reshapeTensor, sliceTensor } from "./shape.ts";

const flipLeftRight: Kernel = (call) => {
  const image = call.input("image");
  return sliceTensor(call.graph, image, [{ axis: 2, start: image.shape[2]! - 1, end: -1, step: -1 }]);
};

/** Where each turned pixel comes from is known while tracing; -1 is outside. */
function turnedPositions(
  [height, width]: readonly [number, number],
  [centerX, centerY]: readonly [number, number],
  radians: number,
): Int32Array {
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  return Int32Array.from({ length: height * width }, (_, index) => {
    const [dx, dy] = [(index % width) - centerX, Math.floor(index / width) - centerY];
    const x = Math.round(dx * cos - dy * sin + centerX);
    const y = Math.round(dx * sin + dy * cos + centerY);
    return x >= 0 && x < width && y >= 0 && y < height ? y * width + x : -1;
  });
}

const opaque = 255;

function readFill(call: KernelCall, channels: number): number[] {
  const fill = call.numbers("fillValue");
  const isOne = typeof call.attribute("fillValue") === "number";
  return Array.from({ length: channels }, (_, channel) =>
    isOne ? fill[0]! : channel === 3 ? opaque : (fill[channel] ?? 0),
  );
}

const rotate: Kernel = (call) => {
  const { graph } = call;
  const image = call.input("image");
  if (image.dtype !== "float32") throw call.unsupported(`an image of dtype ${image.dtype}`);
  const [batch, height, width, channels] = image.shape as [number, number, number, number];
  const center = call.numbers("center");
  const positions = turnedPositions(
    [height, width],
    [width * center[0]!, height * (center[1] ?? center[0]!)],
    call.number("radians"),
  );
  const count = height * width;
  const from = graph.constant(
    positions.map((position) => Math.max(0, position)),
    [count],
    "int32",
  );
  const flat = reshape(graph, fullValue(graph, image), [batch, count, channels]);
  const dims = [batch, count, channels];
  const taken = graph.one(
    "Gather",
    [flat, from],
    { dims, dtype: "float32" },
    { attributes: { axis: { int: 1 } } },
  );
  const isInside = graph.constant(
    Uint8Array.from(positions, (position) => Number(position >= 0)),
    [1, count, 1],
    "bool",
  );
  const fill = graph.constant(Float32Array.from(readFill(call, channels)), [1, 1, channels], "float32");
  const value = graph.one("Where", [isInside, taken, fill], { dims, dtype: "float32" });
  return symbolic(image.shape, "float32", reshape(graph, value, image.shape));
};

/** One side of a crop: its share table [boxes, crop, image] and which of its positions lie in the image [boxes, crop]. */
interface CropSide {
  readonly shares: SymbolicTensor;
  readonly isInside: SymbolicTensor;
}

interface CropRequest {
  readonly graph: GraphBuilder;
  /** [boxes, 1] each, as shares of the image's side. */
  readonly first: SymbolicTensor;
  readonly last: SymbolicTensor;
  readonly length: number;
  readonly cropLength: number;
  readonly isNearest: boolean;
}

/** position = (first + (last - first) · i / (crop - 1)) · (length - 1); the middle for a crop of one pixel. */
function cropSide({ graph, first, last, length, cropLength, isNearest }: CropRequest): CropSide {
  const apply = (op: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor =>
    elementwise(graph, op, [a, b], "float32");
  const row = (values: Float32Array): SymbolicTensor =>
    symbolic([values.length], "float32", graph.constant(values, [values.length], "float32"));
  const number = (value: number): SymbolicTensor => splat(graph, [], "float32", value);
  const steps = Float32Array.from({ length: cropLength }, (_, index) =>
    cropLength === 1 ? (length - 1) / 2 : (index * (length - 1)) / (cropLength - 1),
  );
  const position = apply(
    "Add",
    apply("Mul", first, number(length - 1)),
    apply("Mul", apply("Sub", last, first), row(steps)),
  ); // [boxes, crop]
  const pixels = row(Float32Array.from({ length }, (_, index) => index));
  const nearest = (at: SymbolicTensor): SymbolicTensor =>
    mapValue(apply("Add", at, number(0.5)), "float32", (value) => graph.one("Floor", [value], value));
  const column = reshapeTensor(graph, isNearest ? nearest(position) : position, [...position.shape, 1]);
  const distance = mapValue(apply("Sub", column, pixels), "float32", (value) =>
    graph.one("Abs", [value], value),
  );
  const shares = apply("Max", apply("Sub", number(1), distance), number(0));
  const isInside = elementwise(
    graph,
    "And",
    [
      elementwise(graph, "GreaterOrEqual", [position, number(0)], "bool"),
      elementwise(graph, "LessOrEqual", [position, number(length - 1)], "bool"),
    ],
    "bool",
  );
  return { shares, isInside };
}

/** crop = Ry · image · Rxᵀ with tables of the shares that each pixel has in each row and column of the crop. */
const cropAndResize: Kernel = (call) => {
  const { graph } = call;
  const [image, boxes, boxInd] = [call.input("image"), call.input("boxes"), call.input("boxInd")];
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const [cropHeight, cropWidth] = call.numbers("cropSize") as [number, number];
  const method = call.text("method", "bilinear");
  if (method !== "bilinear" && method !== "nearest") {
    throw call.refused("method", "expected bilinear or nearest");
  }
  const count = boxes.shape[0]!;
  const corner = (index: number): SymbolicTensor =>
    sliceTensor(graph, boxes, [{ axis: 1, start: index, end: index + 1 }]);
  const side = (axis: 0 | 1): CropSide =>
    cropSide({
      graph,
      first: corner(axis),
      last: corner(axis + 2),
      length: axis === 0 ? height : width,
      cropLength: axis === 0 ? cropHeight : cropWidth,
      isNearest: method === "nearest",
    });
  const [rows, columns] = [side(0), side(1)];
  const planes = graph.one(
    "Gather",
    [fullValue(graph, image, "nchw"), fullValue(graph, boxInd)],
    { dims: [count, channels, height, width], dtype: "float32" },
    { attributes: { axis: { int: 0 } } },
  );
  const product = (a: SymbolicTensor, b: SymbolicTensor, shape: readonly number[]): SymbolicTensor =>
    symbolic(
      shape,
      "float32",
      graph.one("MatMul", [fullValue(graph, a), fullValue(graph, b)], { dims: shape, dtype: "float32" }),
    );
  const rowTable = reshapeTensor(graph, rows.shares, [count, 1, cropHeight, height]);
  const turned = reshape(graph, fullValue(graph, columns.shares), [count, 1, cropWidth, width]);
  const columnTable = symbolic(
    [count, 1, width, cropWidth],
    "float32",
    transpose(graph, turned, [0, 1, 3, 2]),
  );
  const inner = product(rowTable, symbolic(planes.dims, "float32", planes), [
    count,
    channels,
    cropHeight,
    width,
  ]);
  const crops = product(inner, columnTable, [count, channels, cropHeight, cropWidth]);
  const isInside = elementwise(
    graph,
    "And",
    [
      reshapeTensor(graph, rows.isInside, [count, 1, cropHeight, 1]),
      reshapeTensor(graph, columns.isInside, [count, 1, 1, cropWidth]),
    ],
    "bool",
  );
  const outside = splat(graph, [], "float32", call.number("extrapolationValue"));
  const filled = elementwise(graph, "Where", [isInside, crops, outside], "float32");
  const shape = [count, cropHeight, cropWidth, channels];
  return symbolic(shape, "float32", fullValue(graph, filled), "nchw");
};

export const imageKernels: KernelTable = {
  CropAndResize: cropAndResize,
  FlipLeftRight: flipLeftRight,
  RotateWithOffset: rotate,
};
