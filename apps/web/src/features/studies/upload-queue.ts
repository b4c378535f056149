export type UploadFileState =
  { readonly kind: "waiting" | "sending" | "sent" } | { readonly kind: "failed"; readonly message: string };

export interface UploadFile {
  readonly fileId: string;
  readonly file: File;
  readonly state: UploadFileState;
}

export interface UploadOptions {
  readonly files: readonly UploadFile[];
  readonly send: (file: UploadFile) => Promise<void>;
  readonly onState: (fileId: string, state: UploadFileState) => void;
  readonly parallel: number;
}

/** Sends what was not sent yet, a few at a time; one file's failure leaves the others alone. */
export async function sendFiles(options: UploadOptions): Promise<{ sentCount: number; failedCount: number }> {
  const open = options.files.filter((file) => file.state.kind !== "sent");
  const counts = { sentCount: 0, failedCount: 0 };
  async function work() {
    for (let file = open.shift(); file !== undefined; file = open.shift()) {
      options.onState(file.fileId, { kind: "sending" });
      try {
        await options.send(file);
        counts.sentCount += 1;
        options.onState(file.fileId, { kind: "sent" });
      } catch (error) {
        counts.failedCount += 1;
        const message = error instanceof Error ? error.message : "The file could not be sent.";
        options.onState(file.fileId, { kind: "failed", message });
      }
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work));
  return counts;
}
