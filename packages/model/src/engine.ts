import type { ModelConfig } from "./config.ts";
import type { Freezing } from "./freezing.ts";
import type { ModelParameters } from "./parameter-table.ts";

/** "cbam": the refined map F″ (eq. 9); "last-conv": the output of the last convolution before pooling or attention. */
export type SaliencyLayer = "cbam" | "last-conv";

export interface SaliencyRequest {
  /** 0 = benign, 1 = malignant. */
  readonly classIndex: number;
  readonly layer: SaliencyLayer;
}

export interface PredictRequest {
  /** Normalised pixels, shape [count, S, S], row-major. */
  readonly images: Float32Array;
  readonly count: number;
  readonly saliency?: SaliencyRequest;
}

/** Grad-CAM maps (eq. 13), not scaled to [0, 1]: values ≥ 0, shape [count, heightPx, widthPx]. */
export interface SaliencyMaps {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly values: Float32Array;
}

export interface PredictResult {
  /** Softmax output for class 1 (malignant), shape [count], in [0, 1]. */
  readonly scores: Float32Array;
  /** Shape [count, classCount]. */
  readonly logits: Float32Array;
  readonly maps?: SaliencyMaps;
}

export interface Predictor {
  predict(request: PredictRequest): Promise<PredictResult>;
  dispose(): Promise<void>;
}

export interface PredictorOptions {
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  /** Images per run of the graph; a request of any size is cut into runs of this size. */
  readonly batchSize: number;
}

export interface OptimizerConfig {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** FedProx μ: adds μ/2 · ‖θ − anchor‖² to the loss; the anchor is the trainer's start. */
  readonly proximalMu?: number;
  /** Largest L2 norm of the gradient; larger ones are scaled down to it. */
  readonly clipNorm?: number;
  readonly labelSmoothing?: number;
}

export interface OptimizerState {
  /** Steps taken so far. */
  readonly step: number;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface TrainerOptions {
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  readonly optimizer: OptimizerConfig;
  readonly batchSize: number;
  /** Default: everything learns. */
  readonly freezing?: Freezing;
}

export interface TrainingBatch {
  /** Normalised pixels, shape [batchSize, S, S]. */
  readonly images: Float32Array;
  /** Class indices, length batchSize. */
  readonly labels: ArrayLike<number>;
  /** Of this step, where a schedule moves it; default: the optimizer's. */
  readonly learningRate?: number;
}

export interface TrainingStep {
  /** Mean cross-entropy of the batch plus the proximal term. */
  readonly loss: number;
  /** L2 norm before clipping. */
  readonly gradientNorm: number;
  /** Softmax output for class 1 in training mode, shape [batchSize]. */
  readonly scores: Float32Array;
}

export interface Trainer {
  step(batch: TrainingBatch): Promise<TrainingStep>;
  /** Inference with the present parameters, without building a predictor. */
  evaluate(request: { readonly images: Float32Array; readonly count: number }): Promise<PredictResult>;
  /** A copy, fetched from the device where the engine keeps its state there. */
  parameters(): Promise<ModelParameters>;
  /** A copy, likewise. */
  optimizerState(): Promise<OptimizerState>;
  restore(state: { readonly parameters: ModelParameters; readonly optimizer: OptimizerState }): void;
  dispose(): Promise<void>;
}

/** What runs the one model program; chosen at start, never inside the program. */
export interface Engine {
  readonly name: string;
  createPredictor(options: PredictorOptions): Promise<Predictor>;
  createTrainer(options: TrainerOptions): Promise<Trainer>;
}
