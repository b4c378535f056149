import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface StartOptions {
  readonly port: number;
  readonly dataDirectory: string;
  readonly mode: "demonstration" | "empty" | "mias";
  readonly miasDirectory: string | undefined;
}

export class StartRefusal extends Error {}

export function parseStartOptions(argv: string[], root: string): StartOptions {
  const values = readArguments(argv);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StartRefusal(`--port takes a number from 1 to 65535, got "${values.port}".`);
  }
  const miasDirectory = values.dataset === undefined ? undefined : parseDataset(values.dataset);
  return {
    port,
    dataDirectory: resolve(root, values.data),
    mode: miasDirectory !== undefined ? "mias" : values.empty ? "empty" : "demonstration",
    miasDirectory,
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

function parseDataset(text: string): string {
  const [kind, path] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  if (kind !== "mias" || path === "") {
    throw new StartRefusal(`--dataset takes mias=DIR, got "${text}".`);
  }
  const directory = resolve(path);
  if (!existsSync(directory)) throw new StartRefusal(`--dataset: there is no directory ${directory}.`);
  return directory;
}
