/** The reading code of packages/dicom, bundled for a browser, in a real one: the same bytes give the same values. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { refusalOf } from "@crossread/dicom/mammography-rules";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { build } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenFiles } from "../packages/dicom/fixtures/golden-files.ts";
import { malformedFiles } from "../packages/dicom/fixtures/malformed-files.ts";
import { plainFile } from "../packages/dicom/fixtures/raw-file.ts";

const candidates = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium", "/usr/bin/chromium-browser"];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
const dicomPackage = fileURLToPath(new URL("../packages/dicom/", import.meta.url));
const requireFromDicom = createRequire(new URL("../packages/dicom/package.json", import.meta.url));

/** By the name under which each codec asks for its WebAssembly. */
const wasmFiles: Readonly<Record<string, string>> = {
  "charlswasm_decode.wasm": "@cornerstonejs/codec-charls/decodewasm",
  "openjpegwasm_decode.wasm": "@cornerstonejs/codec-openjpeg/decodewasm",
  "libjpegturbowasm_decode.wasm": "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm",
  "openjphjs.wasm": "@cornerstonejs/codec-openjph/wasm",
};

const entry = `
  import { refusalOf } from "@crossread/dicom/mammography-rules";
import { decodePixelData } from "./src/pixel-data.ts";
  import { refusalOf } from "./src/mammography-rules.ts";
  import { toGrayImage } from "./src/presentation.ts";
  import { readInstance } from "./src/read-instance.ts";
  const options = { locateWasm: (name) => "/wasm/" + name };
  const digest = async (values) => {
    const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  globalThis.readFile = async (path) => {
    const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
    try {
      const instance = readInstance(bytes, "a.dcm");
      const refusal = refusalOf(instance);
      const stored = Int32Array.from(await decodePixelData(instance, options));
      const { values } = await toGrayImage(instance, options);
      return { stored: await digest(stored), shown: await digest(values), refusal: refusal?.reason ?? null };
    } catch (error) {
      return { name: error.name, code: error.code ?? String(error) };
    }
  };
`;

const digestOf = (values: ArrayBufferView) =>
  createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex");

async function readHere(bytes: Uint8Array) {
  const instance = readInstance(bytes, "a.dcm");
  const stored = Int32Array.from(await decodePixelData(instance));
  const { values } = await toGrayImage(instance);
  return { stored: digestOf(stored), shown: digestOf(values), refusal: refusalOf(instance)?.reason ?? null };
}

describe.skipIf(executablePath === undefined)("reading DICOM in Chromium", () => {
  const good = new Map([
    ...goldenFiles().map(({ name, bytes }) => [name, bytes] as const),
    ["a plain file", plainFile()],
  ]);
  // Every seventh: each kind of damage is among them.
  const broken = malformedFiles().filter((_, index) => index % 7 === 0);
  const served = new Map<string, Uint8Array | string>([["/", "<!doctype html><title>reading</title>"]]);
  const requested: string[] = [];
  let inputs: string[] = [];
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const bundle = await build({
      stdin: { contents: entry, resolveDir: dicomPackage, loader: "ts" },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
      metafile: true,
      // The codecs name these behind a test for Node that a browser never passes.
      external: ["fs", "path"],
    });
    inputs = Object.keys(bundle.metafile.inputs);
    served.set("/bundle.js", bundle.outputFiles[0]!.text);
    for (const [name, specifier] of Object.entries(wasmFiles)) {
      served.set(`/wasm/${name}`, readFileSync(requireFromDicom.resolve(specifier)));
    }
    [...good.values()].forEach((bytes, index) => served.set(`/good/${index}`, bytes));
    broken.forEach(({ bytes }, index) => served.set(`/broken/${index}`, bytes));
    server = createServer((request, response) => {
      const path = request.url ?? "";
      requested.push(path);
      const body = served.get(path);
      const kind = path.endsWith(".js")
        ? "text/javascript"
        : path.endsWith(".wasm")
          ? "application/wasm"
          : "text/html";
      response.writeHead(body === undefined ? 404 : 200, { "content-type": kind }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--no-sandbox", "--disable-quic"],
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.addScriptTag({ url: "/bundle.js", type: "module" });
    await page.waitForFunction("globalThis.readFile !== undefined");
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const readThere = (path: string) => page.evaluate<unknown>(`readFile(${JSON.stringify(path)})`);

  it("brings no module of Node into the bundle", () => {
    expect(inputs.filter((path) => /(^|\/)(sharp|node:|png\.ts|image-file\.ts)/.test(path))).toEqual([]);
    expect(inputs.some((path) => path.endsWith("src/pixel-data.ts"))).toBe(true);
  });

  it.each([...good.keys()].map((name, index) => [name, index] as const))(
    "gives Node's stored and presented values from %s",
    async (name, index) => {
      expect(await readThere(`/good/${index}`)).toEqual(await readHere(good.get(name)!));
    },
  );

  it(`refuses ${broken.length} malformed files as Node does`, async () => {
    const wrong: string[] = [];
    for (const [index, { name, bytes }] of broken.entries()) {
      const there = await readThere(`/broken/${index}`);
      const here = await readHere(bytes).catch((error: { name: string; code: string }) => ({
        name: error.name,
        code: error.code,
      }));
      const isSame = JSON.stringify(there) === JSON.stringify(here);
      if (!isSame) wrong.push(`${name}: ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`);
    }
    expect(wrong).toEqual([]);
  });

  it("asks for nothing but the page, the bundle, the codecs and the files", () => {
    expect(requested.filter((path) => !served.has(path) && path !== "/favicon.ico")).toEqual([]);
  });
});
