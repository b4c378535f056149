import type { Command } from "commander";
import { architectureSummaries } from "@crossread/model/architecture-summary";
import { formatTable, printResult } from "../output.ts";

export function registerArchitectures(program: Command): void {
  program
    .command("architectures")
    .description("The networks that can be trained, with either head, and their parameter counts.")
    .option("--json", "print one JSON object")
    .action((options: { json?: boolean }) => {
      const architectures = architectureSummaries();
      const text = [
        formatTable(
          ["Architecture", "Head", "Default", "Input", "Last map", "Parameters", "Attention", "Statistics"],
          architectures.map((summary) => [
            summary.architecture,
            summary.headVariant,
            summary.isDefault ? "yes" : "",
            `${summary.inputSizePx} px`,
            `${summary.featureSizePx} × ${summary.featureSizePx} × ${summary.featureChannels}`,
            summary.trainableCount.toLocaleString("en"),
            summary.attentionCount.toLocaleString("en"),
            summary.statisticsCount.toLocaleString("en"),
          ]),
        ),
        "gap pools the attended map; conv-head puts a 1×1 convolution between. EfficientNet-B0 for 1000 classes has 5,288,548, most of the difference in its classifier.",
      ].join("\n");
      printResult(options, { architectures }, text);
    });
}
