import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseDatasetSource, type DatasetSource } from "@crossread/contracts/dataset-source";
import { whyNotShowable } from "./imported-dataset.ts";

export interface StartOptions {
  readonly port: number;
  readonly dataDirectory: string;
  readonly mode: "demonstration" | "empty" | "dataset";
  readonly dataset: DatasetSource | undefined;
}

export class StartRefusal extends Error {}

export function parseStartOptions(argv: string[], root: string): StartOptions {
  const values = readArguments(argv);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StartRefusal(`--port takes a number from 1 to 65535, got "${values.port}".`);
  }
  const dataset = values.dataset === undefined ? undefined : parseDataset(values.dataset);
  return {
    port,
    dataDirectory: resolve(root, values.data),
    mode: dataset !== undefined ? "dataset" : values.empty ? "empty" : "demonstration",
    dataset,
  };
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: "string", default: process.env["PORT"] ?? "3000" },
        data: { type: "string", default: ".crossread" },
        dataset: { type: "string" },
        empty: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new StartRefusal(
      `${error instanceof Error ? error.message : String(error)} See npm start -- --help.`,
    );
  }
}

function parseDataset(text: string): DatasetSource {
  const source = parseDatasetSource(text);
  if (source === undefined) {
    throw new StartRefusal(
      `--dataset takes mias=DIR, or imported=DIR with what crossread import wrote, got "${text}".`,
    );
  }
  const directory = resolve(source.directory);
  if (!existsSync(directory)) throw new StartRefusal(`--dataset: there is no directory ${directory}.`);
  const problem = source.kind === "imported" ? whyNotShowable(directory) : undefined;
  if (problem !== undefined) throw new StartRefusal(`--dataset imported=${directory}: ${problem}`);
  return { kind: source.kind, directory };
}
