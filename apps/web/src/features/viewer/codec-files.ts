/** Addresses under which the bundler serves the codecs' WebAssembly, by the name that each codec asks for. */
const files: Readonly<Record<string, URL>> = {
  "charlswasm_decode.wasm": new URL("@cornerstonejs/codec-charls/decodewasm", import.meta.url),
  "openjpegwasm_decode.wasm": new URL("@cornerstonejs/codec-openjpeg/decodewasm", import.meta.url),
  "libjpegturbowasm_decode.wasm": new URL(
    "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm",
    import.meta.url,
  ),
  "openjphjs.wasm": new URL("@cornerstonejs/codec-openjph/wasm", import.meta.url),
};

export const locateWasm = (fileName: string): string => files[fileName]?.href ?? fileName;
