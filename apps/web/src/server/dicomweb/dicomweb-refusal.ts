/** A request that DICOMweb answers with a status of HTTP that the platform's own codes do not have. */
export class DicomWebRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "DicomWebRefusal";
    this.status = status;
    this.headers = headers;
  }
}

export const retryAfter = (seconds: number) => ({ "retry-after": String(seconds) });
