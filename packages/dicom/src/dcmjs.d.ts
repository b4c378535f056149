/** The part of dcmjs that this package uses; dcmjs ships no types. */
declare module "dcmjs" {
  interface DicomElement {
    /** Absent of a value that was not read. */
    vr?: string;
    Value?: unknown[];
  }
  class DicomDict {
    constructor(meta: Record<string, DicomElement>);
    meta: Record<string, DicomElement>;
    dict: Record<string, DicomElement>;
    write(options?: { allowInvalidVRLength?: boolean }): ArrayBuffer;
  }
  interface ReadOptions {
    untilTag?: string;
    includeUntilTagValue?: boolean;
    ignoreErrors?: boolean;
  }
  const dcmjs: {
    data: {
      DicomDict: typeof DicomDict;
      DicomMessage: { readFile(buffer: ArrayBuffer, options?: ReadOptions): DicomDict };
    };
    log: { setLevel(level: string, persist?: boolean): void };
  };
  export default dcmjs;
}
