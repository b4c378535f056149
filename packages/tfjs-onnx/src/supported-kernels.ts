import type { KernelTable } from "./kernel.ts";
import { withDtypes } from "./kernel-dtypes.ts";
import { binaryKernels } from "./kernels/binary.ts";
import { constantKernels } from "./kernels/constant.ts";
import { convolutionKernels } from "./kernels/convolution.ts";
import { imageKernels } from "./kernels/images.ts";
import { indexingKernels } from "./kernels/indexing.ts";
import { localResponseKernels } from "./kernels/local-response.ts";
import { matmulKernels } from "./kernels/matmul.ts";
import { normalizationKernels } from "./kernels/normalization.ts";
import { paddingKernels } from "./kernels/padding.ts";
import { poolingKernels } from "./kernels/pooling.ts";
import { reductionKernels } from "./kernels/reduction.ts";
import { resizeKernels } from "./kernels/resize.ts";
import { scatteringKernels } from "./kernels/scattering.ts";
import { shapeKernels } from "./kernels/shape.ts";
import { spaceBatchKernels } from "./kernels/space-batch.ts";
import { unaryKernels } from "./kernels/unary.ts";
import { volumeKernels } from "./kernels/volumes.ts";
import { withoutUnusedMargin } from "./unused-margin.ts";

/** Every tfjs kernel that has a translation to ONNX, by its tfjs name. */
export const supportedKernels: KernelTable = withDtypes({
  ...binaryKernels,
  ...constantKernels,
  ...withoutUnusedMargin(convolutionKernels),
  ...imageKernels,
  ...indexingKernels,
  ...localResponseKernels,
  ...matmulKernels,
  ...normalizationKernels,
  ...paddingKernels,
  ...withoutUnusedMargin(poolingKernels),
  ...reductionKernels,
  ...resizeKernels,
  ...scatteringKernels,
  ...shapeKernels,
  ...spaceBatchKernels,
  ...unaryKernels,
  ...volumeKernels,
});
