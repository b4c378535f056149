import "@crossread/tfjs-onnx/gradients";
import { compileFunction } from "@crossread/tfjs-onnx/compile";
import { describeModel, vendorDomains } from "@crossread/tfjs-onnx/model-metadata";
import * as tf from "@tensorflow/tfjs-core";
import type { CheckpointContent } from "./checkpoint.ts";
import type { SaliencyLayer } from "./engine.ts";
import { parameterTensors, predictProgram, saliencyProgram, type Program } from "./program.ts";

export interface OnnxExportOptions {
  readonly checkpoint: CheckpointContent & { readonly checkpointId: string };
  /** Images per run, fixed in the graph. */
  readonly batchSize: number;
  /** Where the Grad-CAM map of the last class is taken; "none" leaves it out. */
  readonly layer: SaliencyLayer | "none";
}

export interface OnnxExport {
  readonly bytes: Uint8Array;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly metadata: Readonly<Record<string, string>>;
}

const researchUseOnly = "Research use only; not for diagnosis.";

/**
 * A checkpoint as one ONNX file with its weights inside, of standard operators only.
 *
 * images [N, S, S, 1] → logits [N, K], probabilities [N, K] and, with a layer, maps [N, h, w]
 *
 * @returns images are resized as by `preprocess`, then (I − mean) / standardDeviation; maps are Grad-CAM (eq. 13) of the
 *   last class, ≥ 0, not scaled
 */
export function exportOnnx(options: OnnxExportOptions): OnnxExport {
  const { batchSize, checkpoint, layer } = options;
  const { checkpointId, classNames, config, normalisation, parameters } = checkpoint;
  const held = parameterTensors(config, parameters);
  try {
    const program: Program =
      layer === "none"
        ? predictProgram({ config, batchSize }, () => held)
        : saliencyProgram({ config, batchSize, layer }, () => held);
    const graph = compileFunction({
      inputs: [
        { name: "images", shape: [batchSize, config.imageSize, config.imageSize, 1], dtype: "float32" },
      ],
      run: (inputs) =>
        program.run(layer === "none" ? inputs : { ...inputs, classWeights: lastClass(config.classCount) }),
      target: "portable",
    });
    const foreign = vendorDomains(graph.bytes);
    if (foreign.length > 0) throw new Error(`The exported graph uses operators of ${foreign.join(", ")}.`);
    const metadata = {
      "crossread.checkpoint": checkpointId,
      "crossread.architecture": config.architecture,
      "crossread.classes": JSON.stringify(classNames),
      "crossread.mean": String(normalisation.mean),
      "crossread.standard-deviation": String(normalisation.standardDeviation),
      "crossread.saliency": layer === "none" ? "none" : `Grad-CAM at ${layer} for ${classNames.at(-1) ?? ""}`,
      "crossread.use": researchUseOnly,
    };
    const docString = [
      `${config.architecture}, checkpoint ${checkpointId}.`,
      `Input images: float32 [${batchSize}, ${config.imageSize}, ${config.imageSize}, 1], gray in [0, 1], aspect ratio kept, zero padding, then (I - ${normalisation.mean}) / ${normalisation.standardDeviation}.`,
      `Outputs in the order of the classes ${classNames.join(", ")}.`,
      researchUseOnly,
    ].join(" ");
    return {
      bytes: describeModel(graph.bytes, { docString, metadata }),
      inputs: graph.inputs,
      outputs: graph.outputs,
      metadata,
    };
  } finally {
    for (const tensor of held.values()) tensor.dispose();
  }
}

const lastClass = (classCount: number): tf.Tensor1D =>
  tf.tensor1d(Array.from({ length: classCount }, (_, index) => (index === classCount - 1 ? 1 : 0)));
