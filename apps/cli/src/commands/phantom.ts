import type { Command } from "commander";
import { writePhantom } from "@crossread/datasets/write-phantom";
import { parseInteger, parseNumber, seedRange } from "../arguments.ts";
import { formatTable, printProgress, printResult } from "../output.ts";

interface PhantomOptions {
  readonly sites: number;
  readonly cases: number;
  readonly seed: number;
  readonly out: string;
  readonly malignant?: number;
  readonly difficulty?: number;
  readonly json?: boolean;
}

export function registerPhantom(program: Command): void {
  program
    .command("phantom")
    .description(
      "Write synthetic DICOM MG studies, four views each, with lesion marks; the same seed gives the same bytes.",
    )
    .option(
      "--sites <N>",
      "sites, each with a detector look of its own",
      parseInteger({ minimum: 1, maximum: 50 }),
      3,
    )
    .option("--cases <N>", "patients per site", parseInteger({ minimum: 1, maximum: 10_000 }), 20)
    .option("--seed <S>", "seed", parseInteger(seedRange), 42)
    .option(
      "--malignant <F>",
      "fraction of patients with a malignant lesion",
      parseNumber({ minimum: 0, maximum: 1 }),
    )
    .option("--difficulty <D>", "0 (conspicuous) to 1 (subtle)", parseNumber({ minimum: 0, maximum: 1 }))
    .requiredOption("--out <DIR>", "dataset directory to write")
    .option("--json", "print one JSON object")
    .action(async (options: PhantomOptions) => {
      const manifest = await writePhantom(options.out, {
        siteCount: options.sites,
        caseCount: options.cases,
        seed: options.seed,
        ...(options.malignant === undefined ? {} : { malignantFraction: options.malignant }),
        ...(options.difficulty === undefined ? {} : { difficulty: options.difficulty }),
        onProgress: ({ done, total }) => {
          if (done % 10 === 0 || done === total) printProgress(`Wrote ${done} of ${total} studies`);
        },
      });
      const siteIds = [...new Set(manifest.images.map((image) => image.siteId ?? ""))].sort();
      const sites = siteIds.map((siteId) => {
        const images = manifest.images.filter((image) => image.siteId === siteId);
        return {
          siteId,
          subjectCount: new Set(images.map((image) => image.subjectId)).size,
          imageCount: images.length,
          malignantImageCount: images.filter((image) => image.label === "malignant").length,
        };
      });
      const table = formatTable(
        ["Site", "Patients", "Images", "Malignant"],
        sites.map((site) => [
          site.siteId,
          String(site.subjectCount),
          String(site.imageCount),
          String(site.malignantImageCount),
        ]),
      );
      printResult(options, { dataset: options.out, imageCount: manifest.images.length, sites }, table);
    });
}
