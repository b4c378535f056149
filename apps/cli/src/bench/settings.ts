export interface BenchSettings {
  readonly architecture: string;
  readonly engine: string;
  readonly threads: number;
  /** Where baselines with a choice of device run. */
  readonly device: "cpu" | "cuda";
  readonly rounds: number;
  /** Directory of images: DICOM for ingest, any kind for predict. */
  readonly data: string | undefined;
  readonly onProgress: (line: string) => void;
}
