/** A kernel, or one attribute or dtype of it, that has no translation; thrown while tracing, never when running. */
export class UnsupportedKernelError extends Error {
  readonly kernelName: string;

  constructor(kernelName: string, detail?: string) {
    super(
      detail === undefined
        ? `Kernel "${kernelName}" has no translation to ONNX`
        : `Kernel "${kernelName}" cannot be translated to ONNX: ${detail}`,
    );
    this.name = "UnsupportedKernelError";
    this.kernelName = kernelName;
  }
}

/** A misuse of tracing: reading a symbolic value, keeping one, running kernels outside of a trace. */
export class TraceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TraceError";
  }
}
