import { randomUUID } from "node:crypto";

export interface AnswerPart {
  readonly contentType: string;
  readonly contentLocation?: string | undefined;
  /** Called when the part is next: a study is never whole in memory. */
  readonly load: () => Promise<Uint8Array>;
}

export interface MultipartAnswerOptions {
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** multipart/related (RFC 2387), sent part by part as the client takes it. */
export function multipartAnswer(parts: readonly AnswerPart[], options: MultipartAnswerOptions): Response {
  const boundary = `crossread-${randomUUID()}`;
  const encoder = new TextEncoder();
  let index = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = parts[index];
      if (part === undefined) {
        controller.enqueue(encoder.encode(`--${boundary}--\r\n`));
        controller.close();
        return;
      }
      index += 1;
      const bytes = await part.load();
      const location =
        part.contentLocation === undefined ? "" : `Content-Location: ${part.contentLocation}\r\n`;
      controller.enqueue(
        encoder.encode(
          `--${boundary}\r\nContent-Type: ${part.contentType}\r\n${location}Content-Length: ${bytes.length}\r\n\r\n`,
        ),
      );
      controller.enqueue(bytes);
      controller.enqueue(encoder.encode("\r\n"));
    },
  });
  return new Response(body, {
    headers: {
      "content-type": `multipart/related; type="${options.type}"; boundary=${boundary}`,
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
      ...options.headers,
    },
  });
}
