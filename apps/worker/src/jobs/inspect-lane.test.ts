import type { Database } from "@crossread/db/database";
import type { StagedFile } from "@crossread/db/staged-files";
import type { ObjectStore } from "@crossread/storage/object-store";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { ChildRunner } from "../children/child-runner.ts";
import { createIngest } from "../ingest-limits.ts";
import type { FileOutcome } from "../tasks/file-outcome.ts";
import type { WorkerContext } from "../worker-context.ts";
import { inspectLane } from "./inspect-lane.ts";

const sha256Of = (letter: string) => letter.repeat(64);

const files: StagedFile[] = ["a", "b", "c", "d"].map((letter) => ({
  fileId: `file-${letter}`,
  stagedKey: `uploads/x/${letter}`,
  sha256: sha256Of(letter),
  attempts: 0,
}));

const acceptedLike = (sha256: string): FileOutcome => ({
  ok: false,
  sha256,
  sizeBytes: 1,
  code: "looked-at",
  message: "",
  remedy: "",
});

type Behaviour = "fine" | "dies" | "dies once" | "hangs";

/** A process that looks at files until one of them ends it. */
function laneContext(behaviours: Readonly<Record<string, Behaviour>>) {
  const attempts = new Map<string, number>();
  const runs: string[][] = [];
  const children: Pick<ChildRunner, "run"> = {
    run: async (_name, input, run) => {
      if (!("files" in input)) throw new Error("only files are looked at here");
      const given = input.files as { key: string; sha256: string }[];
      runs.push(given.map(({ key }) => key));
      for (const [index, { key, sha256 }] of given.entries()) {
        const behaviour = behaviours[key.slice(-1)] ?? "fine";
        const earlier = attempts.get(`file-${key.slice(-1)}`) ?? 0;
        if (behaviour === "dies" || (behaviour === "dies once" && earlier === 0)) {
          throw new Error("The process ended early (SIGKILL).");
        }
        if (behaviour === "hangs") {
          await new Promise((_resolve, reject) => {
            run.signal.addEventListener("abort", () => reject(new Error("aborted")));
          });
        }
        await run.onEvent?.({ index, outcome: acceptedLike(sha256) } as never);
      }
      return { count: given.length } as never;
    },
  };
  const context = {
    children,
    ingest: createIngest({ laneCount: 1, fileTimeoutMs: 20, processStartMs: 0 }),
    logger: pino({ level: "silent" }),
    store: { get: async () => new Uint8Array(3) } as Partial<ObjectStore> as ObjectStore,
    db: {
      uploadFile: {
        update: async ({ where }: { where: { id: string } }) => {
          const count = (attempts.get(where.id) ?? 0) + 1;
          attempts.set(where.id, count);
          return { attempts: count };
        },
      },
    } as unknown as Database,
  } as Partial<WorkerContext> as WorkerContext;
  return { context, runs };
}

async function outcomesOf(behaviours: Readonly<Record<string, Behaviour>>) {
  const { context, runs } = laneContext(behaviours);
  const outcomes: string[] = [];
  await inspectLane(context, files, {
    signal: new AbortController().signal,
    siteId: "site-1",
    siteKey: new Uint8Array(32),
    pixelRules: [],
    onOutcome: async (file, outcome) => {
      expect(outcome.ok ? outcome.file.sha256 : outcome.sha256).toBe(file.sha256);
      outcomes.push(`${file.fileId.slice(-1)} ${outcome.ok ? "ok" : outcome.code}`);
    },
  });
  return { outcomes, runs };
}

describe("a lane of files", () => {
  test("goes through one process where nothing happens", async () => {
    const { outcomes, runs } = await outcomesOf({});
    expect(outcomes).toEqual(["a looked-at", "b looked-at", "c looked-at", "d looked-at"]);
    expect(runs).toHaveLength(1);
  });

  test("refuses the file that kills its process twice, and looks at every other one once", async () => {
    const { outcomes, runs } = await outcomesOf({ b: "dies" });
    expect(outcomes).toEqual(["a looked-at", "b image-unreadable", "c looked-at", "d looked-at"]);
    expect(runs.map((keys) => keys.length)).toEqual([4, 3, 2]);
  });

  test("does not hold the death of a process against a file that it happened to be at", async () => {
    const { outcomes } = await outcomesOf({ c: "dies once" });
    expect(outcomes).toEqual(["a looked-at", "b looked-at", "c looked-at", "d looked-at"]);
  });

  test("refuses a file that never comes to an end, also the last one", async () => {
    const { outcomes } = await outcomesOf({ a: "hangs", d: "hangs" });
    expect(outcomes).toEqual(["a image-unreadable", "b looked-at", "c looked-at", "d image-unreadable"]);
  });
});
