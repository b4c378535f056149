import type { Kernel, KernelTable } from "../kernel.ts";
import { splat, symbolic } from "../symbolic-tensor.ts";

const fill: Kernel = (call) => {
  const dtype = call.text("dtype", "float32");
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
    throw call.refused("dtype", "expected a number type");
  return splat(call.graph, call.numbers("shape"), dtype, call.number("value"));
};

const range: Kernel = (call) => {
  const [start, stop, step] = [call.number("start"), call.number("stop"), call.number("step")];
  const dtype = call.text("dtype", "float32");
  if (dtype !== "float32" && dtype !== "int32") throw call.refused("dtype", "expected float32 or int32");
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const numbers = Array.from({ length: count }, (_, index) => start + index * step);
  const data = dtype === "float32" ? Float32Array.from(numbers) : Int32Array.from(numbers);
  return symbolic([count], dtype, call.graph.constant(data, [count], dtype));
};

/** Each number is the one before plus the step, rounded to float32 each time, as tfjs's CPU kernel has it. */
const linspace: Kernel = (call) => {
  const [start, stop, count] = [call.number("start"), call.number("stop"), call.number("num")];
  const data = new Float32Array(count).fill(start);
  const step = (stop - start) / (count - 1);
  for (let index = 1; index < count; index++) data[index] = data[index - 1]! + step;
  return symbolic([count], "float32", call.graph.constant(data, [count], "float32"));
};

export const constantKernels: KernelTable = { Fill: fill, LinSpace: linspace, Range: range };
