import { createServer, request as forward, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface RecordedAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: readonly string[];
  /** As it went over the wire; `content-encoding` says how to read it. */
  readonly body: Buffer;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Stands between browser and platform, keeps every byte that goes either way, and can be pulled out like a cable. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Whole ones and those that broke off, in the order in which they began. */
  readonly answers: readonly RecordedAnswer[];
  /** Lets so many requests for which the test holds through, then breaks every connection. */
  cutAfter(count: number, test: (request: RecordedRequest) => boolean): void;
  readonly isCut: () => boolean;
  mend(): void;
}

export async function startRecordingProxy(targetUrl: string): Promise<RecordingProxy> {
  const target = new URL(targetUrl);
  const requests: RecordedRequest[] = [];
  const answers: { -readonly [key in keyof RecordedAnswer]: RecordedAnswer[key] }[] = [];
  const sockets = new Set<Socket>();
  let remaining = Infinity;
  let counts: (request: RecordedRequest) => boolean = () => false;
  const server: Server = createServer((incoming, outgoing) => {
    void (async () => {
      if (remaining <= 0) return incoming.socket.destroy();
      const recorded = await record(incoming).catch(() => undefined);
      // Whoever sent it broke off midway: nobody waits for an answer.
      if (recorded === undefined) return;
      requests.push(recorded);
      const onward = forward(
        {
          host: target.hostname,
          port: target.port,
          method: recorded.method,
          path: recorded.url,
          headers: { ...incoming.headers, host: target.host },
        },
        (answer) => {
          if (remaining <= 0) return incoming.socket.destroy();
          const status = answer.statusCode ?? 502;
          const kept = { url: recorded.url, status, headers: answer.rawHeaders, body: Buffer.alloc(0) };
          answers.push(kept);
          answer.on("data", (part: Buffer) => (kept.body = Buffer.concat([kept.body, part])));
          outgoing.writeHead(status, answer.headers);
          answer.pipe(outgoing);
          answer.once("end", () => {
            if (!counts(recorded)) return;
            remaining -= 1;
            if (remaining <= 0) for (const socket of sockets) socket.destroy();
          });
        },
      );
      onward.on("error", () => incoming.socket.destroy());
      onward.end(recorded.body);
    })();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    requests,
    answers,
    cutAfter(count, test) {
      remaining = count;
      counts = test;
    },
    isCut: () => remaining <= 0,
    mend() {
      remaining = Infinity;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(Buffer.from(part as Uint8Array));
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    headers: incoming.rawHeaders,
    body: Buffer.concat(parts),
  };
}
