/** The part of dcmjs that this package uses; dcmjs ships no types. */
declare module "dcmjs" {
  interface DicomElement {
    vr: string;
    Value: unknown[];
  }
  class DicomDict {
    constructor(meta: Record<string, DicomElement>);
    dict: Record<string, DicomElement>;
    write(options?: { allowInvalidVRLength?: boolean }): ArrayBuffer;
  }
  const dcmjs: { data: { DicomDict: typeof DicomDict } };
  export default dcmjs;
}
