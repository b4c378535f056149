import { CommanderError } from "commander";
import { isDomainError } from "@crossread/contracts/errors";
import { createProgram } from "./program.ts";

const exitRefused = 1;
const exitUsage = 2;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave before the end: crossread … | head.
  if (error.code === "EPIPE") process.exit(0);
});

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage;
  if (isDomainError(error)) {
    console.error(`crossread: ${error.message}`);
    return error.code === "usage" ? exitUsage : exitRefused;
  }
  if (isMetricInputError(error)) {
    console.error(`crossread: ${error.message}`);
    return exitRefused;
  }
  console.error(error);
  return exitRefused;
}

function isMetricInputError(error: unknown): error is Error {
  return error instanceof Error && error.name === "MetricInputError";
}
