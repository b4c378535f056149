import type { LoggerOptions } from "pino";
import { isDomainError } from "@crossread/contracts/errors";

/** Errors of ours say only pseudonymous ids; of all others the message may quote data, so only their kind is logged. */
export const logOptions = (level: string): LoggerOptions => ({
  level,
  base: null,
  serializers: {
    err: (error: unknown) => {
      if (isDomainError(error)) return { code: error.code, message: error.message };
      if (!(error instanceof Error)) return { name: typeof error };
      return { name: error.name, code: "code" in error ? error.code : undefined, stack: stackFrames(error) };
    },
  },
});

/** The stack begins with the message: only the frames are kept. */
const stackFrames = (error: Error): string[] =>
  (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
