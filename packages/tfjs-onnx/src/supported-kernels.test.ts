import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { supportedKernels } from "./supported-kernels.ts";

test("the README lists exactly the supported kernels", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const section = /<!-- kernels -->(.*)<!-- \/kernels -->/s.exec(readme)?.[1] ?? "";
  expect([...section.matchAll(/`(\w+)`/g)].map((match) => match[1])).toEqual(
    Object.keys(supportedKernels).toSorted(),
  );
});

test("the committed bundle of tfjs gradients is what its generator makes", async () => {
  const generator = new URL("../scripts/bundle-gradients.mjs", import.meta.url);
  const { bundleGradients, bundlePath } = (await import(generator.href)) as {
    bundleGradients: () => Promise<string>;
    bundlePath: string;
  };
  expect((await bundleGradients()) === readFileSync(bundlePath, "utf8")).toBe(true);
});
