// Rewrites the README's list of kernels from the code: npx tsx packages/tfjs-onnx/scripts/list-kernels.ts
import { readFileSync, writeFileSync } from "node:fs";
import { kernelList } from "../src/testing/kernel-list.ts";

const path = new URL("../README.md", import.meta.url);
const section = /(<!-- kernels -->\n).*(\n<!-- \/kernels -->)/s;
writeFileSync(path, readFileSync(path, "utf8").replace(section, `$1\n${kernelList()}\n$2`));
