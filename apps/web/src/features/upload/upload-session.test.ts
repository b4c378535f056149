import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describe, expect, test, vi } from "vitest";
import type { Sent } from "./file-worker-protocol.ts";
import { openJournal, type Journal } from "./journal.ts";
import { createUploadSession, type UploadSession } from "./upload-session.ts";
import type { UploadSnapshot } from "./upload-state.ts";
import { FileTaskFailure, type WorkerPool } from "./worker-pool.ts";

vi.stubGlobal("IDBKeyRange", IDBKeyRange);

type Outcome = Sent | "session ended" | "broken" | "until paused";
const sent = (sha256: string): Sent => ({ kind: "sent", sha256, state: "staged" });
const deidentifying = { profile: "basic", siteKey: new Uint8Array(32) };

interface Setting {
  readonly outcomes: Readonly<Record<string, Outcome | Outcome[]>>;
  readonly journal?: Journal;
}

function setting({ journal, outcomes }: Setting) {
  const calls: string[] = [];
  const asked: string[] = [];
  const remaining = new Map(
    Object.entries(outcomes).map(([path, one]) => [path, Array.isArray(one) ? [...one] : [one]]),
  );
  const pool: WorkerPool = {
    size: 2,
    close: () => undefined,
    run: async (task, question, options) => {
      if (!("source" in question)) throw new Error("no archives here");
      const { path } = question.source;
      if (task === "look") {
        const isImage = path.endsWith(".dcm");
        const answer = isImage ? { kind: "dicom", header: undefined } : { kind: "other", reason: "No." };
        return answer as never;
      }
      asked.push(path);
      const queue = remaining.get(path) ?? [];
      const outcome = (queue.length > 1 ? queue.shift() : queue[0]) ?? sent(path);
      if (outcome === "session ended") throw new FileTaskFailure("gone", true);
      if (outcome === "broken") throw new FileTaskFailure("The disk is gone.", false);
      if (outcome === "until paused") {
        await new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => reject(new Error("paused")));
        });
      }
      return outcome as never;
    },
  };
  let ids = 0;
  const session = createUploadSession({
    pool,
    journal,
    nowMs: () => 0,
    newUploadId: () => `upload-${(ids += 1)}`,
    open: async ({ uploadId }) => void calls.push(`open ${uploadId}`),
    nudge: async () => void calls.push("nudge"),
    finish: async ({ uploadId }) => void calls.push(`finish ${uploadId}`),
    cancel: async ({ uploadId }) => void calls.push(`cancel ${uploadId}`),
  });
  return { session, calls, asked };
}

const chosen = (...paths: string[]) => ({
  handles: [],
  files: paths.map((path) => ({ path, file: new File(["x"], path, { lastModified: 5 }) })),
});

async function until(session: UploadSession, phase: UploadSnapshot["phase"]): Promise<UploadSnapshot> {
  await expect.poll(() => session.snapshot().phase, { interval: 10 }).toBe(phase);
  // The page is told a few times a second, for as long as something changes.
  for (;;) {
    const shown = session.snapshot();
    await new Promise((resolve) => setTimeout(resolve, 450));
    if (session.snapshot() === shown) return shown;
  }
}

const states = ({ items }: UploadSnapshot) =>
  Object.fromEntries(items.map(({ path, state }) => [path, state]));

describe("an upload session", () => {
  test("sends what is an image, tells twins and refusals apart, and finishes once", async () => {
    const { calls, session } = setting({
      outcomes: {
        "b.dcm": sent("a.dcm"),
        "c.dcm": { kind: "refused", code: "tomosynthesis", reason: "Not read." },
        "d.dcm": { kind: "sent", sha256: "d", state: "known" },
      },
    });
    await session.add(chosen("a.dcm", "b.dcm", "c.dcm", "d.dcm", "notes.txt"));
    await until(session, "ready");
    void session.start("north", deidentifying);
    const end = await until(session, "done");
    expect(states(end)).toEqual({
      "a.dcm": "sent",
      "b.dcm": "duplicate",
      "c.dcm": "refused",
      "d.dcm": "known",
      "notes.txt": "skipped",
    });
    expect(calls).toEqual(["open upload-1", "finish upload-1"]);
  });

  test("is one upload however often the button is pressed", async () => {
    const { asked, calls, session } = setting({ outcomes: {} });
    await session.add(chosen("a.dcm", "b.dcm"));
    void session.start("north", deidentifying);
    void session.start("north", deidentifying);
    const end = await until(session, "done");
    expect(end.problem).toBeUndefined();
    expect(asked.toSorted()).toEqual(["a.dcm", "b.dcm"]);
    expect(calls).toEqual(["open upload-1", "finish upload-1"]);
  });

  test("stops where its owner pauses it, and goes on with the same files", async () => {
    const { asked, calls, session } = setting({ outcomes: { "b.dcm": ["until paused", sent("b")] } });
    await session.add(chosen("a.dcm", "b.dcm"));
    void session.start("north", deidentifying);
    await expect.poll(() => asked).toContain("b.dcm");
    session.pause();
    expect(states(await until(session, "paused"))).toEqual({ "a.dcm": "sent", "b.dcm": "waiting" });
    void session.start("north", deidentifying);
    expect(states(await until(session, "done"))).toEqual({ "a.dcm": "sent", "b.dcm": "sent" });
    expect(asked.filter((path) => path === "a.dcm")).toHaveLength(1);
    expect(calls).toEqual(["open upload-1", "open upload-1", "finish upload-1"]);
  });

  test("says so when the session has ended, and sends nothing more", async () => {
    const { calls, session } = setting({ outcomes: { "a.dcm": "session ended", "b.dcm": "until paused" } });
    await session.add(chosen("a.dcm", "b.dcm", "c.dcm", "d.dcm"));
    void session.start("north", deidentifying);
    const end = await until(session, "paused");
    expect(end.problem).toMatch(/session has ended/);
    expect(end.counts.waiting + end.counts.sent).toBe(4);
    expect(calls.some((call) => call.startsWith("finish"))).toBe(false);
  });

  test("is not finished while a file failed or waits for a decision about text", async () => {
    const text = {
      kind: "text-in-pixels",
      pixels: { status: "suspected-text", regions: [] },
      picture: undefined,
    };
    const { calls, session } = setting({
      outcomes: { "a.dcm": ["broken", sent("a")], "b.dcm": [text as Sent, sent("b")] },
    });
    await session.add(chosen("a.dcm", "b.dcm"));
    void session.start("north", deidentifying);
    expect(states(await until(session, "paused"))).toEqual({ "a.dcm": "failed", "b.dcm": "held" });
    expect(calls).toEqual(["open upload-1", "nudge"]);
    session.retryFailed();
    await expect.poll(() => states(session.snapshot())["a.dcm"]).toBe("sent");
    session.decide(1, { kind: "allow" });
    expect(states(await until(session, "done"))).toEqual({ "a.dcm": "sent", "b.dcm": "sent" });
  });

  test("knows after a reload which files were sent, and asks for nothing but the rest", async () => {
    const factory = new IDBFactory();
    const before = setting({
      outcomes: { "b.dcm": "until paused", "c.dcm": "until paused" },
      journal: await openJournal(factory),
    });
    await before.session.add(chosen("a.dcm", "b.dcm", "c.dcm"));
    void before.session.start("north", deidentifying);
    await expect.poll(() => before.asked.length).toBe(3);
    before.session.pause();
    await until(before.session, "paused");

    const journal = await openJournal(factory);
    const [kept] = await journal.sessions();
    expect(kept).toMatchObject({ uploadId: "upload-1", siteId: "north", fileCount: 3 });
    expect(JSON.stringify([kept, [...(await journal.sentFiles("upload-1"))]])).not.toContain("b.dcm");
    const after = setting({ outcomes: {}, journal });
    await after.session.resume("upload-1");
    await after.session.add(chosen("a.dcm", "b.dcm", "c.dcm"));
    await until(after.session, "ready");
    void after.session.start("north", deidentifying);
    expect(states(await until(after.session, "done"))).toEqual({
      "a.dcm": "sent",
      "b.dcm": "sent",
      "c.dcm": "sent",
    });
    expect(after.asked.toSorted()).toEqual(["b.dcm", "c.dcm"]);
    expect(after.calls).toEqual(["open upload-1", "finish upload-1"]);
    expect(await journal.sessions()).toEqual([]);
  });

  test("that is cancelled is cancelled at the server, and forgotten here", async () => {
    const journal = await openJournal(new IDBFactory());
    const { asked, calls, session } = setting({ outcomes: { "a.dcm": "until paused" }, journal });
    await session.add(chosen("a.dcm"));
    void session.start("north", deidentifying);
    await expect.poll(() => asked.length).toBe(1);
    await session.cancel();
    await until(session, "cancelled");
    expect(calls).toEqual(["open upload-1", "cancel upload-1"]);
    expect(await journal.sessions()).toEqual([]);
  });
});
