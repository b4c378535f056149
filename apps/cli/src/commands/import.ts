import type { Command } from "commander";
import { importMias, type MiasImportReport } from "@crossread/datasets/import-mias";
import { printProgress, printResult } from "../output.ts";

interface ImportOptions {
  readonly out: string;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
}

export function registerImport(program: Command): void {
  const command = program.command("import").description("Import a public data set into a dataset directory.");
  command
    .command("mias")
    .description("mini-MIAS: Info.txt and mdb001.pgm … mdb322.pgm, in DIR, DIR/mias or DIR/pgm.")
    .argument("<DIR>", "directory of the data set")
    .requiredOption("--out <DATASET>", "dataset directory to write")
    .option(
      "--keep-going",
      "leave unusable files and rows out and list them, instead of stopping at the first",
    )
    .option("--json", "print one JSON object")
    .action(async (directory: string, options: ImportOptions) => {
      const { report } = await importMias(directory, options.out, {
        onProblem: options.keepGoing === true ? "report" : "refuse",
        onProgress: ({ done, total }) => {
          if (done % 50 === 0 || done === total) printProgress(`Imported ${done} of ${total} images`);
        },
      });
      printResult(options, { dataset: options.out, ...report }, describeMias(options.out, report));
    });
}

function describeMias(out: string, report: MiasImportReport): string {
  const { normal, benign, malignant } = report.findings;
  const lines = [
    `${report.imageCount} images of ${report.subjectCount} patients from ${report.rowCount} label rows → ${out}`,
    `  normal ${normal}, benign ${benign}, malignant ${malignant}`,
    listed("benign and malignant rows (label malignant)", report.mixedSeverityImages),
    listed("abnormal without coordinates", report.imagesWithoutCoordinates),
    listed("patients with one image", report.unpairedSubjects),
    listed("breast side measured otherwise than numbered", report.sideDisagreements),
    ...report.problems.map((problem) => `  left out: ${problem.message}`),
  ];
  return lines.filter((line) => line !== "").join("\n");
}

const listed = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `  ${title}: ${items.join(", ")}`;
