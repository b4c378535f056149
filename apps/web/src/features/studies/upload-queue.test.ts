import { expect, test } from "vitest";
import { sendFiles, type UploadFile, type UploadFileState } from "./upload-queue.ts";

const file = (fileId: string, kind: "waiting" | "sent" = "waiting"): UploadFile => ({
  fileId,
  file: new File(["x"], `${fileId}.dcm`),
  state: { kind },
});

test("sends every open file once, a few at a time, and goes on after a failure", async () => {
  const states = new Map<string, UploadFileState>();
  let running = 0;
  let most = 0;
  const sent: string[] = [];
  const counts = await sendFiles({
    files: [file("a"), file("b"), file("c"), file("d", "sent"), file("e")],
    parallel: 2,
    onState: (fileId, state) => states.set(fileId, state),
    async send({ fileId }) {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (fileId === "b") throw new Error("The file is empty.");
      sent.push(fileId);
    },
  });
  expect(counts).toEqual({ sentCount: 3, failedCount: 1 });
  expect(sent.toSorted()).toEqual(["a", "c", "e"]);
  expect(most).toBe(2);
  expect(states.get("b")).toEqual({ kind: "failed", message: "The file is empty." });
});
