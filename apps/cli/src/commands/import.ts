import { InvalidArgumentError, type Command } from "commander";
import { acquisitionSchema, type Acquisition } from "@crossread/contracts/dataset-manifest";
import { importCbisDdsm } from "@crossread/datasets/import-cbis-ddsm";
import { importCmmd } from "@crossread/datasets/import-cmmd";
import { csvColumns, importCsv } from "@crossread/datasets/import-csv";
import type { ImportReport } from "@crossread/datasets/import-images";
import { importInbreast } from "@crossread/datasets/import-inbreast";
import { importMias, type MiasImportReport } from "@crossread/datasets/import-mias";
import { printProgress, printResult } from "../output.ts";

interface ImportOptions {
  readonly out: string;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
}

interface SetOptions extends ImportOptions {
  readonly birads3: "leave-out" | "benign";
  readonly acquisition?: Acquisition;
  readonly name?: string;
  readonly licence?: string;
}

export function registerImport(program: Command): void {
  const command = program.command("import").description("Import a data set into a dataset directory.");
  addCommand(
    command,
    "mias",
    "mini-MIAS: Info.txt and mdb001.pgm … mdb322.pgm, in DIR, DIR/mias or DIR/pgm.",
  ).action(async (directory: string, options: ImportOptions) => {
    const { report } = await importMias(directory, options.out, howToGoOn(options));
    printResult(options, { dataset: options.out, ...report }, describeMias(options.out, report));
  });
  addCommand(
    command,
    "cbis-ddsm",
    "CBIS-DDSM: the four case description tables and TCIA's folders of DICOM files, or the same as PNG.",
  ).action(async (directory: string, options: ImportOptions) => {
    show(options, await importCbisDdsm(directory, options.out, howToGoOn(options)));
  });
  addBirads3(
    addCommand(
      command,
      "inbreast",
      "INbreast: INbreast.csv, DICOM files and XML contours. BI-RADS 1 is normal, 2 benign, 4a to 6 malignant.",
    ),
  ).action(async (directory: string, options: SetOptions) => {
    const { birads3 } = options;
    show(options, await importInbreast(directory, options.out, { ...howToGoOn(options), birads3 }));
  });
  addCommand(
    command,
    "cmmd",
    "CMMD: annotations.csv or CMMD_clinicaldata_revision.csv and TCIA's folders; the biopsied breast only.",
  ).action(async (directory: string, options: ImportOptions) => {
    show(options, await importCmmd(directory, options.out, howToGoOn(options)));
  });
  addBirads3(
    addCommand(
      command,
      "csv",
      `A table and image files (DICOM, PNG, PGM). Columns: ${csvColumns.join(", ")}; the first four and finding or birads are needed.`,
    ),
  )
    .option("--acquisition <KIND>", acquisitionSchema.options.join(", "), parseAcquisition)
    .option("--name <TEXT>", "name of the dataset")
    .option("--licence <TEXT>", "terms under which the images may be used")
    .action(async (directory: string, options: SetOptions) => {
      const { acquisition, birads3, licence, name } = options;
      show(
        options,
        await importCsv(directory, options.out, {
          ...howToGoOn(options),
          birads3,
          ...(acquisition === undefined ? {} : { acquisition }),
          ...(name === undefined ? {} : { name }),
          ...(licence === undefined ? {} : { licence }),
        }),
      );
    });
}

const addCommand = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .argument("<DIR>", name === "csv" ? "table, or directory with one table" : "directory of the data set")
    .requiredOption("--out <DATASET>", "dataset directory to write")
    .option(
      "--keep-going",
      "leave unusable files and rows out and list them, instead of stopping at the first",
    )
    .option("--json", "print one JSON object");

const addBirads3 = (command: Command): Command =>
  command.option(
    "--birads3 <RULE>",
    "BI-RADS 3, probably benign: leave-out or benign",
    (value: string) => {
      if (value === "leave-out" || value === "benign") return value;
      throw new InvalidArgumentError("It takes leave-out or benign.");
    },
    "leave-out",
  );

function parseAcquisition(value: string): Acquisition {
  const parsed = acquisitionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It takes ${acquisitionSchema.options.join(", ")}.`);
}

const howToGoOn = (options: ImportOptions) => ({
  onProblem: options.keepGoing === true ? ("report" as const) : ("refuse" as const),
  onProgress: ({ done, total }: { done: number; total: number }) => {
    if (done % 50 === 0 || done === total) printProgress(`Imported ${done} of ${total} images`);
  },
});

function show(options: ImportOptions, imported: { report: ImportReport & { rowCount: number } }): void {
  const { report } = imported;
  const { benign, malignant, normal } = report.findings;
  const lines = [
    `${report.imageCount} images of ${report.subjectCount} patients from ${report.rowCount} label rows → ${options.out}`,
    `  normal ${normal}, benign ${benign}, malignant ${malignant}; CC ${report.views.CC}, MLO ${report.views.MLO}; L ${report.lateralities.L}, R ${report.lateralities.R}; ${report.lesionCount} lesion marks`,
    report.convertedCount === 0 ? "" : `  ${report.convertedCount} secondary captures stored as 16-bit PNG`,
    ...report.leftOut.map(
      ({ count, examples, rule }) =>
        `  left out: ${rule}: ${count} (${examples.join(", ")}${count > examples.length ? ", …" : ""})`,
    ),
    ...report.problems.map((problem) => `  left out: ${problem.message}`),
  ];
  const text = lines.filter((line) => line !== "").join("\n");
  printResult(options, { dataset: options.out, ...report }, text);
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
