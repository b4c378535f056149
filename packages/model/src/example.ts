import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";

/** One image as the network sees it, with its reference standard. */
export interface Example {
  readonly exampleId: string;
  readonly subjectId: string;
  /** 0 = benign or normal, 1 = malignant. */
  readonly label: 0 | 1;
  /** Shape [S, S], values in [0, 1], before normalisation. */
  readonly pixels: Float32Array;
}

export function assertExamples(examples: readonly Example[], config: ModelConfig): void {
  const expected = config.imageSize * config.imageSize;
  const wrong = examples.find((example) => example.pixels.length !== expected);
  if (wrong !== undefined) {
    throw new DomainError(
      "image-unreadable",
      `Example ${wrong.exampleId} has ${wrong.pixels.length} pixels, but ${config.architecture} expects ${config.imageSize} × ${config.imageSize}.`,
    );
  }
}
