import { emptyReadingAnswers } from "@crossread/contracts/reading";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDraftSaver, type SaveResult, type StoredDraft } from "./draft-saver.ts";

const withComment = (comment: string) => ({ answers: { ...emptyReadingAnswers, comment }, mapRating: {} });
const key = { assignmentId: "a", condition: "unaided" as const };

type Send = (draft: StoredDraft) => Promise<SaveResult>;

function memoryStorage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  };
}

function start(
  send: (draft: StoredDraft) => Promise<SaveResult>,
  storage = memoryStorage(),
  stored: StoredDraft = { ...withComment(""), version: 1 },
  network = new EventTarget(),
) {
  const isFinal = () => false;
  const saver = createDraftSaver({ key, stored, send, isFinal, storage, network, delayMs: 100 });
  return { saver, storage };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a draft", () => {
  test("is saved once after a burst of changes, and then leaves the browser", async () => {
    const send = vi.fn<Send>(async (draft: StoredDraft) => ({
      ok: true as const,
      version: draft.version + 1,
    }));
    const { saver, storage } = start(send);
    saver.change(withComment("o"));
    saver.change(withComment("on"));
    saver.change(withComment("one"));
    expect(storage.items.size).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(send.mock.calls).toEqual([[{ ...withComment("one"), version: 1 }]]);
    expect(saver.getState()).toMatchObject({ version: 2, save: { kind: "saved" } });
    expect(storage.items.size).toBe(0);
  });

  test("survives a lost network and is sent when it is back", async () => {
    const send = vi.fn<Send>(async (): Promise<SaveResult> => ({ ok: true, version: 2 }));
    send.mockRejectedValueOnce(new Error("Failed to fetch"));
    const { saver, storage } = start(send);
    saver.change(withComment("one"));
    await vi.advanceTimersByTimeAsync(100);
    expect(saver.getState().save).toEqual({ kind: "waiting", message: "Failed to fetch" });
    expect(storage.items.size).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(saver.getState().save.kind).toBe("saved");
  });

  test("that a crash left in the browser is restored and saved", async () => {
    const storage = memoryStorage();
    start(() => Promise.reject(new Error("down")), storage).saver.change(withComment("kept"));
    const send = vi.fn<Send>(async (): Promise<SaveResult> => ({ ok: true, version: 2 }));
    const { saver } = start(send, storage);
    expect(saver.getState().content.answers.comment).toBe("kept");
    await vi.advanceTimersByTimeAsync(1);
    expect(send).toHaveBeenCalledOnce();
  });

  /** A server that stores what comes and whose first answers are lost on the way. */
  function serverLosing(lostAnswers: number) {
    const server = { stored: { ...withComment(""), version: 1 } as StoredDraft, saves: 0 };
    let calls = 0;
    const send: Send = async (draft) => {
      const isLost = (calls += 1) <= lostAnswers;
      if (draft.version !== server.stored.version) {
        if (isLost) throw new Error("Failed to fetch");
        return { ok: false, stored: server.stored };
      }
      const { breasts, comment, density, marks } = draft.answers;
      // As a database gives it back: the same, with its keys in another order.
      server.stored = { ...draft, answers: { marks, density, comment, breasts }, version: draft.version + 1 };
      server.saves += 1;
      if (isLost) throw new Error("Failed to fetch");
      return { ok: true, version: server.stored.version };
    };
    return { server, send };
  }

  test("is no conflict with itself where the answer to a save was lost and the reader went on", async () => {
    const { server, send } = serverLosing(2);
    const { saver, storage } = start(send);
    saver.change(withComment("one"));
    await vi.advanceTimersByTimeAsync(100);
    saver.change(withComment("one and"));
    await vi.advanceTimersByTimeAsync(100);
    saver.change(withComment("one and two"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server).toEqual({ stored: { ...withComment("one and two"), version: 3 }, saves: 2 });
    expect(saver.getState()).toMatchObject({ version: 3, save: { kind: "saved" } });
    expect(storage.items.size).toBe(0);
  });

  test("is no conflict with itself where the browser died between a save and its answer", async () => {
    const { server, send } = serverLosing(1);
    const { saver, storage } = start(send);
    saver.change(withComment("one"));
    await vi.advanceTimersByTimeAsync(100);
    saver.change(withComment("one and two"));
    vi.clearAllTimers();
    const again = start(send, storage, server.stored).saver;
    expect(again.getState().content).toEqual(withComment("one and two"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(again.getState()).toMatchObject({ version: 3, save: { kind: "saved" } });
    expect(server).toEqual({ stored: { ...withComment("one and two"), version: 3 }, saves: 2 });
    expect(saver.getState().version).toBe(1);
  });

  test("that waits for the network is sent as soon as it is back", async () => {
    const network = new EventTarget();
    const send = vi.fn<Send>(async () => ({ ok: true, version: 2 }));
    for (let index = 0; index < 8; index++) send.mockRejectedValueOnce(new Error("Failed to fetch"));
    const { saver } = start(send, memoryStorage(), { ...withComment(""), version: 1 }, network);
    saver.subscribe(() => undefined);
    saver.change(withComment("one"));
    await vi.advanceTimersByTimeAsync(40_000);
    expect(send).toHaveBeenCalledTimes(8);
    network.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(1);
    expect(saver.getState().save.kind).toBe("saved");
  });

  test("that a crash left behind a newer stored one is shown as a conflict, not sent", async () => {
    const storage = memoryStorage();
    start(() => Promise.reject(new Error("down")), storage).saver.change(withComment("kept"));
    const send = vi.fn<Send>(async (): Promise<SaveResult> => ({ ok: true, version: 9 }));
    const newer = { ...withComment("newer"), version: 5 };
    const { saver } = start(send, storage, newer);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(send).not.toHaveBeenCalled();
    expect(saver.getState().save).toEqual({ kind: "conflict", stored: newer });
  });

  test("in conflict waits for a choice: mine is sent on top of the stored version", async () => {
    const theirs = { ...withComment("theirs"), version: 7 };
    const send = vi.fn<Send>(async (draft: StoredDraft): Promise<SaveResult> =>
      draft.version === 7 ? { ok: true, version: 8 } : { ok: false, stored: theirs },
    );
    const { saver } = start(send);
    saver.change(withComment("mine"));
    await vi.advanceTimersByTimeAsync(100);
    expect(saver.getState().save.kind).toBe("conflict");
    saver.change(withComment("mine too"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(send).toHaveBeenCalledTimes(1);
    saver.resolveConflict("mine");
    await vi.advanceTimersByTimeAsync(1);
    expect(send).toHaveBeenLastCalledWith({ ...withComment("mine too"), version: 7 });
    expect(saver.getState()).toMatchObject({ version: 8, save: { kind: "saved" } });
  });

  test("in conflict can give way to the stored one", async () => {
    const theirs = { ...withComment("theirs"), version: 7 };
    const { saver, storage } = start(() => Promise.resolve({ ok: false, stored: theirs }));
    saver.change(withComment("mine"));
    await vi.advanceTimersByTimeAsync(100);
    saver.resolveConflict("stored");
    expect(saver.getState()).toMatchObject({ content: withComment("theirs"), version: 7 });
    expect([...storage.items.keys()]).toEqual(["crossread.draft.a.unaided.aside"]);
  });

  test("that lost a conflict is set aside over a restart, can be exchanged and is then dropped", async () => {
    const theirs = { ...withComment("theirs"), version: 7 };
    const { saver, storage } = start(() => Promise.resolve({ ok: false, stored: theirs }));
    saver.change(withComment("mine"));
    await vi.advanceTimersByTimeAsync(100);
    saver.resolveConflict("stored");
    const send = vi.fn<Send>(async (): Promise<SaveResult> => ({ ok: true, version: 8 }));
    const again = start(send, storage, theirs).saver;
    expect(again.getState()).toMatchObject({ content: withComment("theirs"), setAside: withComment("mine") });
    again.exchange();
    await vi.advanceTimersByTimeAsync(100);
    expect(send).toHaveBeenLastCalledWith({ ...withComment("mine"), version: 7 });
    expect(again.getState().setAside).toEqual(withComment("theirs"));
    again.dropAside();
    expect(again.getState().setAside).toBeNull();
    expect(storage.items.size).toBe(0);
  });

  test("is flushed before a lock: the version is that of the last change", async () => {
    const send = vi.fn<Send>(async (draft: StoredDraft) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { ok: true as const, version: draft.version + 1 };
    });
    const { saver } = start(send);
    saver.change(withComment("one"));
    await vi.advanceTimersByTimeAsync(120);
    saver.change(withComment("two"));
    const flushed = saver.flush();
    await vi.advanceTimersByTimeAsync(500);
    expect(await flushed).toBe(3);
    expect(send).toHaveBeenLastCalledWith({ ...withComment("two"), version: 2 });
  });
});
