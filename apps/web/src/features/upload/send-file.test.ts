import { createHash } from "node:crypto";
import { uploadLimits } from "@crossread/contracts/upload";
import { describe, expect, test } from "vitest";
import { sendFile, SendingRefused, type SendOptions } from "./send-file.ts";

const bytes = Uint8Array.from({ length: uploadLimits.chunkBytes + 1_000 }, (_, index) => index % 251);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const file = { siteId: "site", uploadId: "upload", sha256, bytes };

type Fault = "offline" | "busy" | "broken" | "lost answer" | "half an answer";

/** A server that keeps to the protocol, behind a network with faults. */
function serverWith(
  faults: readonly (Fault | undefined)[],
  start: { received?: number; isKnown?: boolean } = {},
) {
  let received = Buffer.from(bytes.subarray(0, start.received ?? 0));
  let isStaged = start.isKnown === true;
  const pending = [...faults];
  const offsets: number[] = [];
  const urls: string[] = [];
  const delays: string[] = [];
  const waited: number[] = [];
  const receipt = () =>
    Response.json({ state: isStaged ? "staged" : "receiving", receivedBytes: received.length });
  const answer = async (url: string, init: RequestInit | undefined): Promise<Response> => {
    if (init?.method !== "PUT" || isStaged) return receipt();
    const offset = Number(new URLSearchParams(url.split("?")[1]).get("offset"));
    offsets.push(offset);
    if (offset !== received.length) {
      return Response.json(
        { code: "chunk-misplaced", message: "", receivedBytes: received.length },
        { status: 409 },
      );
    }
    received = Buffer.concat([received, init.body as Uint8Array]);
    isStaged = received.length === bytes.length;
    return receipt();
  };
  const options: SendOptions = {
    signal: new AbortController().signal,
    fetch: async (input, init) => {
      const fault = pending.shift();
      if (typeof input !== "string") throw new Error("an address is text here");
      urls.push(input);
      if (fault === "offline") throw new TypeError("Failed to fetch");
      if (fault === "busy") return Response.json({}, { status: 503, headers: { "retry-after": "7" } });
      if (fault === "broken") return new Response("", { status: 502 });
      const given = await answer(input, init);
      if (fault === "half an answer") {
        const cut = new ReadableStream({
          pull: (controller) => controller.error(new TypeError("network error")),
        });
        return new Response(cut, { headers: { "content-type": "application/json" } });
      }
      if (fault === "lost answer") throw new TypeError("Failed to fetch");
      return given;
    },
    wait: async (seconds) => void waited.push(seconds),
    onSent: () => undefined,
    onDelay: (delay) => void delays.push(delay?.kind ?? "none"),
  };
  return { options, offsets, urls, delays, waited, received: () => received };
}

describe("a file that is sent", () => {
  test("goes over in chunks, and its digest is all that is said of it", async () => {
    const server = serverWith([]);
    expect((await sendFile(file, server.options)).state).toBe("staged");
    expect(server.offsets).toEqual([0, uploadLimits.chunkBytes]);
    expect(server.received().equals(bytes)).toBe(true);
    expect(server.urls[1]).toBe(`/api/uploads/site/upload/files/${sha256}?size=${bytes.length}&offset=0`);
  });

  test("begins where an earlier session stopped, and is not sent at all where it is known", async () => {
    const half = serverWith([], { received: uploadLimits.chunkBytes });
    await sendFile(file, half.options);
    expect(half.offsets).toEqual([uploadLimits.chunkBytes]);
    const known = serverWith([], { isKnown: true });
    await sendFile(file, known.options);
    expect(known.offsets).toEqual([]);
  });

  test("waits ever longer while the network is away, and as long as a busy server says", async () => {
    const server = serverWith(["offline", "offline", "offline", undefined, "busy", "broken"]);
    await sendFile(file, server.options);
    expect(server.waited).toEqual([1, 2, 4, 7, 2]);
    expect(server.delays).toEqual([
      "network",
      "network",
      "network",
      "none",
      "server-busy",
      "network",
      "none",
      "none",
    ]);
    expect(server.received().equals(bytes)).toBe(true);
  });

  test.each(["lost answer", "half an answer"] as const)(
    "sends no chunk twice into the file after %s",
    async (fault) => {
      const server = serverWith([undefined, fault]);
      await sendFile(file, server.options);
      expect(server.offsets).toEqual([0, 0, uploadLimits.chunkBytes]);
      expect(server.received().equals(bytes)).toBe(true);
    },
  );

  test("stops when it is refused, and says whether the session has ended", async () => {
    const refusing = (status: number): SendOptions => ({
      ...serverWith([]).options,
      fetch: async () => Response.json({ code: "x", message: "No." }, { status }),
    });
    await expect(sendFile(file, refusing(403))).rejects.toMatchObject({
      message: "No.",
      isSessionEnded: false,
    });
    const toSignIn = new Response("<html>", { headers: { "content-type": "text/html" } });
    Object.defineProperty(toSignIn, "redirected", { value: true });
    for (const options of [refusing(401), { ...refusing(200), fetch: async () => toSignIn }]) {
      const ended = await sendFile(file, options).catch((error: unknown) => error);
      expect(ended instanceof SendingRefused && ended.isSessionEnded).toBe(true);
    }
  });

  test("stops at once when it is paused, also while it waits", async () => {
    const stop = new AbortController();
    const { options } = serverWith(["offline"]);
    const paused = sendFile(file, {
      ...options,
      signal: stop.signal,
      wait: async (_seconds, signal) => {
        stop.abort(new Error("paused"));
        signal.throwIfAborted();
      },
    });
    await expect(paused).rejects.toThrow("paused");
  });
});
