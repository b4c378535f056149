import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { defaultClassNames } from "@crossread/model/checkpoint";
import { importWeights, type ImportReport } from "@crossread/model/weights-import";
import { architectureHelp, requirePreset } from "../architecture-option.ts";
import { parseInteger, seedRange } from "../arguments.ts";
import { writeCheckpoint } from "../checkpoint-directory.ts";
import { codeVersion } from "../code-version.ts";
import { printResult } from "../output.ts";

interface WeightsOptions {
  readonly architecture: string;
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** Mean and standard deviation of the images that the published ImageNet weights were trained on, as one gray value. */
const imageNetNormalisation = { mean: 0.449, standardDeviation: 0.226 };

export function registerWeights(program: Command): void {
  const command = program.command("weights").description("Weights from elsewhere.");
  command
    .command("import")
    .description(
      "Initialise a checkpoint from published EfficientNet weights; says what it mapped and what not.",
    )
    .argument("<FILE>", "safetensors with torchvision's, timm's or EfficientNet-PyTorch's names")
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--seed <S>", "seed of the tensors that the file lacks", parseInteger(seedRange), 42)
    .requiredOption("--out <CHECKPOINT>", "checkpoint directory to write")
    .option("--json", "print one JSON object")
    .action(async (file: string, options: WeightsOptions) => {
      const imported = importWeights({
        file: await readBytes(file),
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
  ].join("\n");
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
}
