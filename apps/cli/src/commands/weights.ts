import { writeFile } from "node:fs/promises";
import { InvalidArgumentError, type Command } from "commander";
import { defaultClassNames } from "@crossread/model/checkpoint";
import { sha256 } from "@crossread/model/digest";
import { exportOnnx, type OnnxExportOptions } from "@crossread/model/onnx-export";
import { exportWeights } from "@crossread/model/weights-export";
import { importTensors, type ImportReport } from "@crossread/model/weights-import";
import { architectureHelp, requirePreset } from "../architecture-option.ts";
import { parseInteger, seedRange } from "../arguments.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-directory.ts";
import { codeVersion } from "../code-version.ts";
import { printResult } from "../output.ts";
import { readWeightsSource } from "../weights-source.ts";

interface ImportOptions {
  readonly architecture: string;
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** Mean and standard deviation of the images that the published ImageNet weights were trained on, as one gray value. */
const imageNetNormalisation = { mean: 0.449, standardDeviation: 0.226 };

export function registerWeights(program: Command): void {
  const command = program.command("weights").description("Weights from elsewhere and for elsewhere.");
  registerExport(command);
  command
    .command("import")
    .description(
      "Initialise a checkpoint from published EfficientNet weights; says what it mapped and what not.",
    )
    .argument(
      "<FILE>",
      "safetensors with torchvision's, timm's, EfficientNet-PyTorch's or Keras's names, or a tfjs model.json",
    )
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--seed <S>", "seed of the tensors that the file lacks", parseInteger(seedRange), 42)
    .requiredOption("--out <CHECKPOINT>", "checkpoint directory to write")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: ImportOptions) => {
      const imported = importTensors(await readWeightsSource(file), {
        origin: file,
        config: requirePreset(options.architecture),
        seed: options.seed,
      });
      const { checkpointId } = await writeCheckpoint(options.out, {
        config: imported.config,
        parameters: imported.parameters,
        normalisation: imageNetNormalisation,
        classNames: defaultClassNames,
        lineage: {
          origin: "imported",
          parentId: null,
          round: 0,
          strategy: null,
          seed: options.seed,
          cohortDigests: [],
          updates: [],
          codeVersion: codeVersion(),
          sourceSha256: imported.report.sourceSha256,
        },
      });
      printResult(
        options,
        { checkpoint: options.out, checkpointId, ...imported.report },
        describe(options.out, imported.report),
      );
    });
}

function describe(out: string, report: ImportReport): string {
  return [
    `${report.mapped.length} tensors mapped from ${report.scheme} names → ${out}`,
    ...report.initialised.map(({ name, reason }) => `  initialised ${name}: ${reason}`),
    ...report.unused.map(({ name, reason }) => `  not used ${name}: ${reason}`),
    ...(report.remark === undefined ? [] : [`  ${report.remark}`]),
  ].join("\n");
}

interface ExportOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly format: "onnx" | "torchvision";
  readonly layer: OnnxExportOptions["layer"];
  readonly batch: number;
  readonly json?: boolean;
}

function registerExport(command: Command): void {
  command
    .command("export")
    .description("Write a checkpoint for others: a self-contained ONNX file, or torchvision's safetensors.")
    .requiredOption("--checkpoint <DIR>", "checkpoint directory")
    .requiredOption("--out <FILE>", "file to write")
    .option("--format <F>", "onnx or torchvision", oneOf(["onnx", "torchvision"]), "onnx")
    .option(
      "--layer <L>",
      "where an ONNX file's Grad-CAM map is taken: cbam, last-conv or none",
      oneOf(["cbam", "last-conv", "none"]),
      "cbam",
    )
    .option("--batch <N>", "images per run of an ONNX file", parseInteger({ minimum: 1, maximum: 1024 }), 1)
    .option("--json", "print one JSON object")
    .action(async (options: ExportOptions) => {
      if (options.format === "onnx") await writeOnnx(options);
      else await writeTorchvision(options);
    });
}

async function writeOnnx(options: ExportOptions): Promise<void> {
  const checkpoint = await readCheckpoint(options.checkpoint);
  const { bytes, inputs, metadata, outputs } = exportOnnx({
    checkpoint,
    batchSize: options.batch,
    layer: options.layer,
  });
  await writeFile(options.out, bytes);
  const result = {
    out: options.out,
    sha256: sha256(bytes),
    sizeBytes: bytes.length,
    inputs,
    outputs,
    metadata,
  };
  const shapes = (values: typeof inputs) =>
    values.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
  printResult(
    options,
    result,
    [
      `${options.out}: ${(bytes.length / 1e6).toFixed(1)} MB, ${shapes(inputs)} → ${shapes(outputs)}`,
      ...Object.entries(metadata).map(([key, value]) => `  ${key}: ${value}`),
    ].join("\n"),
  );
}

async function writeTorchvision(options: ExportOptions): Promise<void> {
  const { config, parameters } = await readCheckpoint(options.checkpoint);
  const { exported, file, leftOut } = exportWeights(config, parameters, "torchvision");
  await writeFile(options.out, file);
  printResult(
    options,
    {
      out: options.out,
      sha256: sha256(file),
      exported,
      leftOut,
      convention: { padding: config.padding, batchNormEpsilon: config.batchNormEpsilon },
    },
    [
      `${exported.length} tensors under torchvision's names → ${options.out}`,
      ...leftOut.map((name) => `  left out ${name}: torchvision has no such tensor`),
      `  These weights expect padding "${config.padding}" and batch-norm epsilon ${config.batchNormEpsilon}; torchvision builds its network with "symmetric" and 1e-5.`,
    ].join("\n"),
  );
}

const oneOf =
  <TValue extends string>(values: readonly TValue[]) =>
  (text: string): TValue => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new InvalidArgumentError(`It takes ${values.join(", ")}.`);
    return value;
  };
