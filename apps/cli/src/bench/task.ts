import { z } from "zod";

const network = {
  architecture: z.string(),
  engine: z.string(),
  threads: z.int().positive(),
  batchSize: z.int().positive(),
};

/** What a contestant in Node does in one step. */
export const taskSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("train"), ...network }),
  /** No step: compiles the training program, as the onnx engine does, to tell its size. */
  z.strictObject({ kind: z.literal("compile-training"), ...network }),
  /** Prediction with the Grad-CAM map of class 1 at the attention module. */
  z.strictObject({ kind: z.literal("infer"), ...network }),
  /** A bare session on a model file with one input, images, of this shape. */
  z.strictObject({
    kind: z.literal("session"),
    file: z.string(),
    threads: z.int().positive(),
    shape: z.array(z.int().positive()),
    provider: z.enum(["cpu", "cuda", "webgpu"]),
  }),
  /** A round of FedAvg with its lineage. */
  z.strictObject({
    kind: z.literal("aggregate"),
    architecture: z.string(),
    updateCount: z.int().positive(),
  }),
  /** DICOM bytes to presented pixels to the network's input. */
  z.strictObject({ kind: z.literal("ingest"), architecture: z.string(), files: z.array(z.string()).min(1) }),
]);
export type Task = z.infer<typeof taskSchema>;
