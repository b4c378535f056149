import { broadcastGradients } from "./broadcast-gradients.ts";
import { convolutionGradients } from "./convolution-gradients.ts";
import { einsumGradients } from "./einsum-gradient.ts";
import { flatGradients } from "./flat-gradients.ts";
import type { GradientTable } from "./gradient-table.ts";
import { indexingGradients } from "./indexing-gradients.ts";
import { movingGradients } from "./moving-gradients.ts";
import { resizeGradients } from "./resize-gradients.ts";
import { runningGradients } from "./running-gradients.ts";
import { volumeGradients } from "./volume-gradients.ts";
import { windowGradients } from "./window-gradients.ts";

/** Gradients that tfjs lacks, or that are not the derivative of tfjs's forward kernel. */
export const correctedGradients: GradientTable = {
  ...broadcastGradients,
  ...convolutionGradients,
  ...einsumGradients,
  ...flatGradients,
  ...indexingGradients,
  ...movingGradients,
  ...resizeGradients,
  ...runningGradients,
  ...volumeGradients,
  ...windowGradients,
};
