import type { Command } from "commander";
import { printResult } from "../output.ts";
import { verifyCheckpoint, type Verification } from "../verify-checkpoint.ts";

export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description(
      "Compute a checkpoint's aggregation again, bit for bit, from its parent and updates beside it.",
    )
    .argument("<CHECKPOINT>", "checkpoint directory (see federate --out)")
    .option("--id <SHA256>", "the id that the checkpoint must have")
    .option("--json", "print one JSON object")
    .action(async (directory: string, options: { id?: string; json?: boolean }) => {
      const verification = await verifyCheckpoint(directory, options.id);
      printResult(options, { isVerified: true, ...verification }, describe(verification));
    });
}

function describe({ aggregation, checkpointId, origin, weightsSha256 }: Verification): string {
  const digests = `Checkpoint ${checkpointId}: weights have the stated SHA-256 ${weightsSha256}.`;
  if (aggregation === null)
    return `${digests}\nIts origin is "${origin}": there is no aggregation to repeat.`;
  const { parentId, roundsReplayed, strategy, updates } = aggregation;
  return [
    digests,
    `They are the ${strategy} aggregate of ${updates.length} updates on parent ${parentId}, bit for bit (${roundsReplayed} rounds computed again).`,
    ...updates.map(
      (update) => `  ${update.siteId}: ${update.exampleCount} examples, update ${update.sha256}`,
    ),
  ].join("\n");
}
