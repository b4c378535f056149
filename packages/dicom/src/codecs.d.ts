/** The part of the WASM codecs that this package uses; they ship no types. */
interface WasmFrameDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): { readonly bitsPerSample: number };
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  export default function load(options: object): Promise<{ JPEGDecoder: new () => WasmFrameDecoder }>;
}

declare module "@cornerstonejs/codec-charls/decodewasmjs" {
  export default function load(options: object): Promise<{ JpegLSDecoder: new () => WasmFrameDecoder }>;
}

declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  export default function load(options: object): Promise<{ J2KDecoder: new () => WasmFrameDecoder }>;
}

declare module "@cornerstonejs/codec-openjph/wasmjs" {
  interface HTJ2KEncoder {
    getDecodedBuffer(frame: object): Uint8Array;
    setQuality(isReversible: boolean, quantizationStep: number): void;
    encode(): void;
    getEncodedBuffer(): Uint8Array;
  }
  export default function load(options: object): Promise<{
    HTJ2KDecoder: new () => WasmFrameDecoder;
    HTJ2KEncoder: new () => HTJ2KEncoder;
  }>;
}
