export interface AnsweredFile {
  readonly type: string;
  readonly fileName: string;
}

export const answerBytes = (bytes: ReadableStream<Uint8Array>, { fileName, type }: AnsweredFile): Response =>
  new Response(bytes, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
    },
  });

/** Made while it is sent, a piece at a time: others of the process go on in between, and a client may go away. */
export function answerText(pieces: AsyncGenerator<string> | Generator<string>, file: AnsweredFile): Response {
  const body = new ReadableStream<string>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
  return answerBytes(body.pipeThrough(new TextEncoderStream()), file);
}
