/// <reference path="./codecs.d.ts" />
/** The maintained WASM builds of CharLS, OpenJPEG, OpenJPH and libjpeg-turbo; loaded when first needed. */

export type CodecName = "jpeg" | "jpeg-ls" | "jpeg-2000" | "htj2k";

export interface CodecOptions {
  /** Address of a codec's .wasm file; needed in the browser, found beside the codec's module in Node. */
  readonly locateWasm?: (fileName: string) => string;
}

type CreateDecoder = () => WasmFrameDecoder;

const loaders: Readonly<Record<CodecName, (moduleOptions: object) => Promise<CreateDecoder>>> = {
  jpeg: async (moduleOptions) => {
    const { default: load } = await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs");
    const codec = await load(moduleOptions);
    return () => new codec.JPEGDecoder();
  },
  "jpeg-ls": async (moduleOptions) => {
    const { default: load } = await import("@cornerstonejs/codec-charls/decodewasmjs");
    const codec = await load(moduleOptions);
    return () => new codec.JpegLSDecoder();
  },
  "jpeg-2000": async (moduleOptions) => {
    const { default: load } = await import("@cornerstonejs/codec-openjpeg/decodewasmjs");
    const codec = await load(moduleOptions);
    return () => new codec.J2KDecoder();
  },
  htj2k: async (moduleOptions) => {
    const { default: load } = await import("@cornerstonejs/codec-openjph/wasmjs");
    const codec = await load(moduleOptions);
    return () => new codec.HTJ2KDecoder();
  },
};

const loaded = new Map<CodecName, Promise<CreateDecoder>>();

/** Decoded words of a single-component codestream; throws whatever the codec throws. */
export async function decodeWithCodec(
  name: CodecName,
  bytes: Uint8Array,
  options: CodecOptions,
): Promise<Uint8Array | Uint16Array> {
  const createDecoder = await loadCodec(name, options);
  try {
    const decoder = createDecoder();
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { bitsPerSample } = decoder.getFrameInfo();
    // A view of the codec's memory, of signed bytes too: copied before anything else runs there.
    const { buffer, byteLength, byteOffset } = decoder.getDecodedBuffer();
    const decoded = new Uint8Array(buffer, byteOffset, byteLength).slice();
    decoder.delete();
    return bitsPerSample <= 8 ? decoded : new Uint16Array(decoded.buffer, 0, decoded.length >> 1);
  } catch (error) {
    // An aborted WASM instance stays broken, and one that threw has leaked its decoder.
    loaded.delete(name);
    throw error;
  }
}

function loadCodec(name: CodecName, options: CodecOptions): Promise<CreateDecoder> {
  const existing = loaded.get(name);
  if (existing !== undefined) return existing;
  const silent = () => undefined;
  const { locateWasm } = options;
  const locateFile = locateWasm === undefined ? {} : { locateFile: locateWasm };
  const loading = loaders[name]({ print: silent, printErr: silent, ...locateFile });
  loaded.set(name, loading);
  // A failed download may succeed next time.
  loading.catch(() => loaded.delete(name));
  return loading;
}
