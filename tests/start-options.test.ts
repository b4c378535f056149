import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeRefusal } from "../scripts/node-version.mjs";
import { parseStartOptions } from "../scripts/platform/options.ts";
import { findFreePort, isPortFree } from "../scripts/platform/ports.ts";

const parse = (...argv: string[]) => parseStartOptions(argv, "/srv/crossread");

describe("npm start", () => {
  test("refuses Node 18 and 20.18 in one sentence and takes 20.19, 22 and 24", () => {
    expect(nodeRefusal("18.20.4")).toMatch(/needs Node 20\.19 or newer; this is Node 18\.20\.4/);
    expect(nodeRefusal("20.18.1")).toBeDefined();
    for (const version of ["20.19.0", "22.1.0", "24.0.0"]) expect(nodeRefusal(version)).toBeUndefined();
  });

  test("has defaults inside the checkout", () => {
    expect(parse("--port", "3100")).toEqual({
      port: 3100,
      dataDirectory: "/srv/crossread/.crossread",
      mode: "demonstration",
      dataset: undefined,
    });
  });

  test("takes MIAS or an imported dataset in a directory that exists, and refuses any other", () => {
    for (const kind of ["mias", "imported"]) {
      expect(parse("--dataset", `${kind}=${tmpdir()}`)).toMatchObject({
        mode: "dataset",
        dataset: { kind, directory: tmpdir() },
      });
    }
    expect(() => parse("--dataset", "ddsm=/tmp")).toThrow(
      /takes mias=DIR, or imported=DIR.*got "ddsm=\/tmp"/,
    );
    expect(() => parse("--dataset", `mias=${join(tmpdir(), "absent")}`)).toThrow(/there is no directory/);
  });

  test("refuses an imported dataset of copies that do not tell the size of their pixels, before anything starts", async () => {
    const directory = await mkdtemp(join(tmpdir(), "crossread-dataset-"));
    const image = (imageId: string) => ({
      imageId,
      file: `${imageId}.img`,
      sha256: "0".repeat(64),
      subjectId: imageId,
      laterality: "L",
      view: "CC",
      label: "benign",
      finding: "normal",
      lesions: [],
    });
    const manifest = {
      format: "crossread-dataset",
      version: 1,
      name: "Copies",
      source: "cbis-ddsm",
      acquisition: "film-digitised",
      licence: "",
      images: [image("original"), image("copy")],
    };
    await writeFile(join(directory, "dataset.json"), JSON.stringify(manifest));
    await writeFile(join(directory, "original.img"), `${"\0".repeat(128)}DICM`);
    await writeFile(join(directory, "copy.img"), "\x89PNG");
    expect(() => parse("--dataset", `imported=${directory}`)).toThrow(
      /1 of 2 images are no DICOM files \(the first is copy\).*import the original DICOM files/,
    );
    await writeFile(join(directory, "copy.img"), `${"\0".repeat(128)}DICM`);
    expect(parse("--dataset", `imported=${directory}`)).toMatchObject({ mode: "dataset" });
    await rm(directory, { recursive: true });
  });

  test.each([["0"], ["70000"], ["http"]])("refuses the port %s", (port) => {
    expect(() => parse("--port", port)).toThrow(/takes a number from 1 to 65535/);
  });

  test("refuses an option that it does not know", () => {
    expect(() => parse("--verbose")).toThrow(/See npm start -- --help/);
  });

  test("sees a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await isPortFree(port)).toBe(false);
    expect(await findFreePort()).not.toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});
