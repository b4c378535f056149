import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { DomainError } from "@crossread/contracts/errors";

const infoSchema = z.record(z.string(), z.union([z.string(), z.number()]));
export type ContestantInfo = z.infer<typeof infoSchema>;

/** Contestant → bench, one JSON object a line; bench → contestant: {"steps": n}. */
const replySchema = z.union([
  z.strictObject({ info: infoSchema }),
  z.strictObject({ ms: z.array(z.number().nonnegative()) }),
]);

/** One side of a comparison, in a process of its own that stays alive and sleeps while the other side runs. */
export interface Contestant {
  readonly name: string;
  readonly info: ContestantInfo;
  /** Milliseconds of each of so many steps in a row. */
  measure(stepCount: number): Promise<number[]>;
  /** Largest resident memory of the process up to now; undefined where the system does not tell. */
  peakBytes(): number | undefined;
  close(): void;
}

export interface ContestantCommand {
  readonly name: string;
  readonly command: string;
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts a contestant and waits until it is ready. */
export async function startContestant(start: ContestantCommand): Promise<Contestant> {
  const child = spawn(start.command, start.argv, {
    env: start.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  child.stdin.on("error", () => undefined); // it died; the missing answer says so
  const failed = new Promise<never>((_resolve, reject) => child.once("error", reject));
  failed.catch(() => undefined);

  const receive = async (): Promise<z.infer<typeof replySchema>> => {
    const line = await Promise.race([lines.next(), failed]);
    if (line.done === true) {
      throw new DomainError("engine-unavailable", `${start.name} ended early: ${lastWords(errors.join(""))}`);
    }
    return replySchema.parse(JSON.parse(line.value));
  };

  const first = await receive();
  if (!("info" in first)) throw new Error(`${start.name} must say what it is first.`);
  return {
    name: start.name,
    info: first.info,
    measure: async (stepCount) => {
      child.stdin.write(`${JSON.stringify({ steps: stepCount })}\n`);
      const reply = await receive();
      if (!("ms" in reply)) throw new Error(`${start.name} must answer with times.`);
      return reply.ms;
    },
    peakBytes: () => peakResidentBytes(child.pid),
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
}

/** The line that names the error: the first of a stack trace in Node, the last in Python. */
function lastWords(errors: string): string {
  const lines = errors.trim().split("\n");
  return (lines.find((line) => /^(Uncaught )?\w*Error\b/.test(line)) ?? lines.at(-1) ?? "").slice(0, 300);
}

/** VmHWM of Linux's /proc. */
function peakResidentBytes(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
