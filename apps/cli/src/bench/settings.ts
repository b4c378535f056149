export interface BenchSettings {
  readonly architecture: string;
  readonly engine: string;
  readonly threads: number;
  /** Where baselines with a choice of device run. */
  readonly device: "cpu" | "cuda";
  readonly rounds: number;
  readonly onProgress: (line: string) => void;
}
