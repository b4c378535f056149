import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseStartOptions, StartRefusal } from "./options.ts";
import { Platform } from "./platform.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export async function main(argv: string[]): Promise<void> {
  let platform: Platform | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (code: number) => {
    stopping ??= (platform?.stop() ?? Promise.resolve()).finally(() => process.exit(code));
  };
  // A reader of the output may leave first; what runs must still be stopped in order.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  process.on("uncaughtException", (error) => {
    console.error(error);
    stop(1);
  });
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));
  process.on("SIGHUP", () => stop(0));
  try {
    const options = parseStartOptions(argv, root);
    await mkdir(options.dataDirectory, { recursive: true });
    platform = new Platform(root, options);
    await platform.start();
  } catch (error) {
    if (stopping !== undefined) return;
    console.error(error instanceof StartRefusal ? error.message : error);
    stop(1);
  }
}
