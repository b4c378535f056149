import type { KernelTable } from "./kernel.ts";
import { binaryKernels } from "./kernels/binary.ts";
import { convolutionKernels } from "./kernels/convolution.ts";
import { matmulKernels } from "./kernels/matmul.ts";
import { reductionKernels } from "./kernels/reduction.ts";
import { shapeKernels } from "./kernels/shape.ts";
import { unaryKernels } from "./kernels/unary.ts";

/** Every tfjs kernel that has a translation to ONNX, by its tfjs name. */
export const supportedKernels: KernelTable = {
  ...binaryKernels,
  ...convolutionKernels,
  ...matmulKernels,
  ...reductionKernels,
  ...shapeKernels,
  ...unaryKernels,
};
