import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import type { ModelConfig } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { preprocess } from "@crossread/model/preprocess";
import { printProgress } from "./output.ts";

const reportEvery = 50;

/** Decodes, presents and resizes every image once; the order is that of `images`. */
export async function loadExamples(
  directory: string,
  images: readonly DatasetImage[],
  config: ModelConfig,
  onImage: (imageId: string, gray: GrayImage) => void = () => undefined,
): Promise<Example[]> {
  const examples: Example[] = [];
  for (const image of images) {
    const bytes = await readFile(join(directory, image.file));
    const { gray } = await readImageFile(bytes, image.file);
    onImage(image.imageId, gray);
    examples.push({
      exampleId: image.imageId,
      subjectId: image.subjectId,
      label: image.label === "malignant" ? 1 : 0,
      pixels: preprocess(gray, config.imageSize).pixels,
    });
    if (examples.length % reportEvery === 0 || examples.length === images.length) {
      printProgress(`Preprocessed ${examples.length} of ${images.length} images`);
    }
  }
  return examples;
}
