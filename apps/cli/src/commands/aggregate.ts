import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { aggregateRound } from "@crossread/federation/aggregate";
import { weightsDigest } from "@crossread/federation/lineage";
import { strategyNameSchema } from "@crossread/contracts/training-plan";
import { configureStrategy } from "@crossread/federation/strategies";
import type { SiteUpdate } from "@crossread/federation/update";
import { checkUpdates, defaultNormRule } from "@crossread/federation/update-check";
import { encodeSafetensors, floatValues, parseSafetensors } from "@crossread/model/safetensors";
import { sha256 } from "@crossread/model/digest";
import { formatTable, printResult } from "../output.ts";

interface AggregateOptions {
  readonly strategy: string;
  readonly update: readonly string[];
  readonly base?: string;
  readonly out: string;
  readonly json?: boolean;
}

interface WeightFile {
  readonly file: string;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly size: number;
  }[];
  readonly values: Float32Array;
}

export function registerAggregate(program: Command): void {
  program
    .command("aggregate")
    .description(
      "Aggregate safetensors files by a federated strategy; the order of the files does not matter.",
    )
    .option("--strategy <S>", strategyNameSchema.options.join(", "), "fedavg")
    .requiredOption("--update <FILE:COUNT...>", "weights of a site and the number of its examples")
    .option("--base <FILE>", "weights that the round started from; all zeros where left out")
    .requiredOption("--out <FILE>", "safetensors file to write")
    .option("--json", "print one JSON object")
    .action(aggregate);
}

async function aggregate(options: AggregateOptions): Promise<void> {
  const strategy = configureStrategy(options.strategy);
  const parsed = options.update.map(parseUpdate);
  const files = await Promise.all(parsed.map(({ file }) => readWeights(file)));
  const [first] = files;
  if (first === undefined) throw new DomainError("usage", "--update needs at least one FILE:COUNT.");
  for (const file of files) assertSameTensors(first, file);
  const baseFile = options.base === undefined ? undefined : await readWeights(options.base);
  if (baseFile !== undefined) assertSameTensors(first, baseFile);
  const base = {
    weights: baseFile?.values ?? new Float32Array(first.values.length),
    statistics: new Float32Array(0),
  };
  const updates: SiteUpdate[] = files.map((file, index) => ({
    siteId: file.file,
    roundNumber: 1,
    baseDigest: weightsDigest(base),
    exampleCount: parsed[index]?.count ?? 0,
    weights: file.values,
    statistics: new Float32Array(0),
  }));
  const checked = checkUpdates(updates, {
    roundNumber: 1,
    baseDigest: weightsDigest(base),
    base,
    normRule: defaultNormRule,
  });
  const refused = checked.refused[0];
  if (refused !== undefined) throw new DomainError(refused.code, refused.reason);
  const result = aggregateRound({
    base,
    updates: checked.accepted,
    strategy,
    state: {},
    batchNormPolicy: "average",
  });
  const bytes = encodeSafetensors(splitTensors(first, result.model.weights));
  await writeFile(options.out, bytes);
  const digest = sha256(bytes);
  printResult(
    options,
    { out: options.out, sha256: digest, strategy: strategy.name, contributions: result.contributions },
    [
      `${strategy.name} of ${files.length} updates → ${options.out} (sha256 ${digest})`,
      formatTable(
        ["Update", "Examples", "Norm of change", "Cosine to mean"],
        result.contributions.map((row) => [
          row.siteId,
          String(row.exampleCount),
          row.deltaNorm.toPrecision(6),
          row.cosineToMean?.toFixed(6) ?? "–",
        ]),
      ),
    ].join("\n"),
  );
}

function parseUpdate(text: string): { file: string; count: number } {
  const colon = text.lastIndexOf(":");
  const count = Number(text.slice(colon + 1));
  if (colon <= 0 || !Number.isSafeInteger(count) || count < 0 || text.slice(colon + 1) === "") {
    throw new DomainError("usage", `--update takes FILE:COUNT, got "${text}".`);
  }
  return { file: text.slice(0, colon), count };
}

async function readWeights(file: string): Promise<WeightFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
  const entries = [...parseSafetensors(bytes, file).tensors.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const arrays = entries.map(([name, entry]) => floatValues(entry, `${name} in ${file}`));
  const values = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    values.set(array, offset);
    offset += array.length;
  }
  const tensors = entries.map(([name, entry], index) => ({
    name,
    shape: entry.shape,
    size: arrays[index]?.length ?? 0,
  }));
  return { file, tensors, values };
}

function assertSameTensors(expected: WeightFile, got: WeightFile): void {
  const describe = (weights: WeightFile) =>
    weights.tensors.map((tensor) => `${tensor.name} [${tensor.shape.join(", ")}]`);
  const wanted = describe(expected);
  const found = describe(got);
  const difference = found.find((line, index) => line !== wanted[index]) ?? wanted[found.length];
  if (difference !== undefined || wanted.length !== found.length) {
    throw new DomainError(
      "update-shape-mismatch",
      `${got.file} and ${expected.file} must hold the same tensors; they differ at ${difference ?? "the end"}.`,
    );
  }
}

function splitTensors(layout: WeightFile, values: Float32Array) {
  let offset = 0;
  return layout.tensors.map(({ name, shape, size }) => {
    const tensor = { name, shape, values: values.slice(offset, offset + size) };
    offset += size;
    return tensor;
  });
}
