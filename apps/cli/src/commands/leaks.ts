import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { findLeaks } from "@crossread/datasets/duplicate-check";
import { imagePath, readDataset } from "@crossread/datasets/dataset-directory";
import { toCopyTransform } from "@crossread/datasets/registration-transform";
import { fingerprintImage } from "@crossread/datasets/image-fingerprint";
import { readImageFile } from "@crossread/dicom/image-file";
import { formatTable, printProgress, printResult } from "../output.ts";

interface LeaksOptions {
  readonly data: readonly string[];
  readonly json?: boolean;
}

const reportEvery = 50;

export function registerLeaks(program: Command): void {
  program
    .command("leaks")
    .description(
      "Copies of one image under two patients, turned, mirrored, cropped, resized or brightened ones too; in one dataset or across several.",
    )
    .requiredOption(
      "--data <DATASET>",
      "dataset directory; may be repeated",
      (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value],
    )
    .option("--json", "print one JSON object")
    .action(leaks);
}

async function leaks(options: LeaksOptions): Promise<void> {
  const candidates: (Parameters<typeof findLeaks>[0][number] & { readonly name: string })[] = [];
  for (const directory of options.data) {
    const dataset = await readDataset(directory);
    const prefix = options.data.length > 1 ? `${dataset.manifest.name}: ` : "";
    for (const [index, image] of dataset.manifest.images.entries()) {
      const { gray } = await readImageFile(await readFile(imagePath(dataset, image)), image.file);
      candidates.push({
        name: `${prefix}${image.imageId}`,
        imageId: `${directory} ${image.imageId}`,
        sha256: image.sha256,
        subjectId: `${directory} ${image.subjectId}`,
        split: `${directory} ${image.subjectId}`,
        siteId: image.siteId ?? "",
        fingerprint: fingerprintImage(gray),
      });
      const done = index + 1;
      if (done % reportEvery === 0 || done === dataset.manifest.images.length) {
        printProgress(`Fingerprinted ${done} of ${dataset.manifest.images.length} images of ${directory}`);
      }
    }
  }
  const known = new Map(candidates.map((candidate) => [candidate.imageId, candidate]));
  const patientOf = (subjectId: string) => subjectId.slice(subjectId.indexOf(" ") + 1);
  const pairs = findLeaks(candidates).map(({ imageIds, kind, registration, score }) => ({
    kind,
    images: imageIds.map((id) => known.get(id)?.name ?? id),
    patients: imageIds.map((id) => patientOf(known.get(id)?.subjectId ?? "")),
    score: score ?? null,
    transform: registration === undefined ? null : toCopyTransform(registration),
  }));
  const title = `${candidates.length} images, ${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"} that a split must not tear apart`;
  const text =
    pairs.length === 0
      ? title
      : `${title}\n${formatTable(
          ["kind", "first", "second", "patients", "texture that agrees"],
          pairs.map((pair) => [
            pair.kind,
            pair.images[0] ?? "",
            pair.images[1] ?? "",
            pair.patients.join(", "),
            pair.score === null ? "" : `${Math.round(100 * pair.score)} %`,
          ]),
        )}`;
  printResult(options, { imageCount: candidates.length, pairs }, text);
}
