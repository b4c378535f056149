import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { kernelDtypes } from "./kernel-dtypes.ts";
import { supportedKernels } from "./supported-kernels.ts";
import { compare, float, int } from "./testing/agreement.ts";
import { kernelExamples } from "./testing/kernel-examples.ts";
import { composedKernels, kernelList, kernelNamesOfTfjs } from "./testing/kernel-list.ts";
import { dtypes, supportOf } from "./testing/kernel-support.ts";

const names = Object.keys(supportedKernels).toSorted();

test("the README lists the kernels as the code has them (npx tsx packages/tfjs-onnx/scripts/list-kernels.ts)", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(/<!-- kernels -->\n\n(.*)\n\n<!-- \/kernels -->/s.exec(readme)?.[1]).toBe(kernelList());
});

test("every supported kernel is one of tfjs's and has an example", () => {
  expect(names.filter((name) => !kernelNamesOfTfjs().includes(name))).toEqual([]);
  expect(Object.keys(kernelExamples).toSorted()).toEqual(names);
});

describe("a kernel called by its name", () => {
  test.each(names)(
    "%s agrees with the CPU backend on operands of the dtypes that it takes, and refuses others",
    async (name) => {
      const found: string[] = [];
      for (const dtype of dtypes) found.push((await supportOf(name, dtype)).is);
      const taken = kernelDtypes(name);
      expect(found).toEqual(dtypes.map((dtype) => (taken.includes(dtype) ? "supported" : "refused")));
    },
  );
});

test("what tfjs composes of other kernels is supported through them", async () => {
  const { worst, graph } = await compare({
    inputs: [float("x", 1, 4, 4, 1), int("i", 2, 3)],
    run: ({ x, i }) => {
      const isOdd = tf.greater(tf.mod(i!, tf.scalar(2, "int32")), 0);
      return {
        BroadcastTo: tf.broadcastTo(x!, [3, 4, 4, 2]),
        LogSoftmax: tf.logSoftmax(tf.reshape(x!, [2, 8])),
        LogicalXor: tf.logicalXor(isOdd, tf.less(i!, 1)),
        LowerBound: tf.lowerBound(tf.tensor1d([-1, 0, 0, 2], "int32"), tf.reshape(i!, [6])),
        MatrixBandPart: tf.linalg.bandPart(tf.reshape(x!, [4, 4]), 1, 0),
        Pool: tf.pool(x as tf.Tensor4D, [2, 2], "avg", "same", [2, 2], 1),
        UpperBound: tf.upperBound(tf.tensor1d([-1, 0, 0, 2], "int32"), tf.reshape(i!, [6])),
      };
    },
  });
  expect(graph.outputs.map((output) => output.name)).toEqual(composedKernels);
  expect(worst).toBeLessThan(1e-6);
});

test("the committed bundle of tfjs gradients is what its generator makes", async () => {
  const generator = new URL("../scripts/bundle-gradients.mjs", import.meta.url);
  const { bundleGradients, bundlePath } = (await import(generator.href)) as {
    bundleGradients: () => Promise<string>;
    bundlePath: string;
  };
  expect((await bundleGradients()) === readFileSync(bundlePath, "utf8")).toBe(true);
});
