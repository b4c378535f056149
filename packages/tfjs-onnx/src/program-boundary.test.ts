import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeEach, describe, expect, test } from "vitest";
import { compileFunction, TraceError, UnsupportedKernelError, type CompileOptions } from "./compile.ts";
import { createSession } from "./session.ts";
import { bool, float, int } from "./testing/agreement.ts";

type Run = (x: tf.Tensor) => unknown;

beforeEach(async () => {
  await tf.setBackend("cpu");
});

const compileWith = (run: Run, inputs = [float("x", 2, 3)]): (() => unknown) => {
  return () => compileFunction({ inputs, run: (tensors) => run(tensors["x"]!) as Record<string, tf.Tensor> });
};

describe("reading a symbolic value", () => {
  test.each<[string, Run]>([
    ["dataSync", (x) => ({ y: tf.mul(x, x.dataSync()[0]!) })],
    ["arraySync", (x) => ({ y: tf.mul(x, Number(x.sum().arraySync())) })],
    ["bufferSync", (x) => ({ y: tf.mul(x, x.bufferSync().get(0, 0)) })],
    ["print", (x) => (x.print(), { y: tf.neg(x) })],
    ["a comparison in JavaScript", (x) => ({ y: Number(x.max()) > 0 ? tf.neg(x) : tf.abs(x) })],
    ["a text made of it", (x) => ({ y: tf.mul(x, String(x).length) })],
  ])("by %s says what to do instead", (_, run) => {
    expect(compileWith(run)).toThrow(TraceError);
    expect(compileWith(run)).toThrow(/has no value yet.*Use tf\.where, or return the tensor as an output/);
  });

  test("by data() rejects with the same words", async () => {
    const reads: Promise<unknown>[] = [];
    compileWith((x) => (reads.push(x.data()), { y: tf.neg(x) }))();
    await expect(reads[0]).rejects.toThrow("has no value yet");
  });

  test("in an asynchronous function says that it must not be one", () => {
    expect(compileWith(async (x) => ({ y: tf.mul(x, (await x.data())[0]!) }))).toThrow("is asynchronous");
  });

  test("of another trace says that it has none", () => {
    const variable = tf.variable(tf.zeros([2, 3]));
    const assigning = compileWith((x) => (variable.assign(x as tf.Tensor2D), { y: tf.neg(x) }));
    expect(assigning).toThrow("outlived compileFunction, through tf.keep or by assignment to a tf.Variable");
    expect(() => variable.dataSync()).toThrow("made inside of an earlier compileFunction");
    expect(compileWith((x) => ({ y: tf.add(x, variable) }))).toThrow(
      "made inside of an earlier compileFunction",
    );
    variable.assign(tf.ones([2, 3]));
    expect(compileWith((x) => ({ y: tf.add(x, variable) }))).not.toThrow();
  });
});

describe("state", () => {
  test.each<[string, Run]>([
    ["tf.keep", (x) => (tf.keep(tf.neg(x)), { y: tf.neg(x) })],
    ["a variable made of it", (x) => ({ y: tf.variable(tf.neg(x)) })],
    [
      "an optimizer that assigns",
      (x) => {
        const weight = tf.variable(tf.scalar(2));
        tf.train.sgd(0.1).minimize(() => tf.sum(tf.mul(weight, x)));
        return { y: tf.mul(weight, x) };
      },
    ],
  ])("kept by %s is refused", (_, run) => {
    expect(compileWith(run)).toThrow("return them as outputs instead");
  });

  test("of variables is read as it is at the time of compilation", async () => {
    const weight = tf.variable(tf.scalar(2));
    const graph = compileFunction({
      inputs: [float("x", 2)],
      run: ({ x }) => {
        const { value, grads } = tf.variableGrads(
          () => tf.sum(tf.mul(weight, tf.square(x!))) as tf.Scalar,
          [weight],
        );
        return { loss: value, slope: grads[weight.name]! };
      },
    });
    weight.assign(tf.scalar(100));
    const session = await createSession(graph, { threadCount: 1 });
    expect(await session.run({ x: Float32Array.of(1, 2) })).toEqual({
      loss: Float32Array.of(10),
      slope: Float32Array.of(5),
    });
    await session.dispose();
  });

  test("of random numbers is frozen: each run sees the same ones", async () => {
    const graph = compileFunction({
      inputs: [float("x", 8)],
      run: ({ x }) => ({ y: tf.dropout(tf.add(x!, tf.randomNormal([8])), 0.5) }),
    });
    const session = await createSession(graph, { threadCount: 1 });
    const x = new Float32Array(8);
    expect(await session.run({ x })).toEqual(await session.run({ x }));
    await session.dispose();
  });
});

describe("what the function returns", () => {
  test.each<[string, Run, string]>([
    ["nothing", () => undefined, "returned undefined, expected tensors by name"],
    ["a tensor", (x) => tf.neg(x), "returned a tensor, expected tensors by name"],
    ["a number", () => ({ y: 3 }), 'Output "y" is 3, expected a tensor'],
    ["a promise", (x) => ({ y: x.data() }), 'Output "y" is [object Promise], expected a tensor'],
    ["a text tensor", () => ({ y: tf.tensor1d(["a"]) }), "dtype string cannot enter a graph"],
    [
      "a tensor that a tidy disposed",
      (x) => {
        const made: tf.Tensor[] = [];
        tf.tidy(() => void made.push(tf.neg(x)));
        return { y: made[0] };
      },
      "A tensor of shape [2,3] has been disposed: a tf.tidy disposes what it does not return",
    ],
  ])("must not be %s", (_, run, message) => {
    expect(compileWith(run)).toThrow(message);
  });

  test("must not be made of what was disposed", () => {
    expect(compileWith((x) => (x.dispose(), { y: tf.neg(x) }))).toThrow("has been disposed");
  });
});

describe("inputs", () => {
  test.each<[CompileOptions["inputs"], string]>([
    [[float("x", 0, 3)], 'Input "x" has shape [0,3]: expected whole numbers above 0'],
    [[float("x", -1, 3)], 'Input "x" has shape [-1,3]'],
    [[float("x", 1.5)], 'Input "x" has shape [1.5]'],
    [[float("", 2)], "An input has an empty name"],
    [[float("x", 2), int("x", 2)], "Input names repeat: x,x"],
    [[{ name: "x", shape: [2], dtype: "complex64" as "float32" }], "dtype complex64 cannot enter a graph"],
  ])("of %j are refused", (inputs, message) => {
    expect(() => compileFunction({ inputs, run: () => ({ y: tf.scalar(1) }) })).toThrow(message);
  });
});

describe("what has no translation names itself", () => {
  const image = [float("x", 1, 4, 4, 8)];
  const kernel =
    (name: string, attributes: Record<string, unknown>): Run =>
    (x) => ({ y: tf.engine().runKernel(name, { x }, attributes as never) });

  test.each<[string, Run, typeof image, string]>([
    [
      "Multinomial",
      (x) => ({ y: tf.multinomial(x as tf.Tensor2D, 2) }),
      [float("x", 2, 3)],
      "no translation",
    ],
    ["Unique", (x) => ({ y: tf.unique(x).values }), [float("x", 3)], "no translation"],
    [
      "NonMaxSuppressionV3",
      (x) => ({ y: tf.image.nonMaxSuppression(x as tf.Tensor2D, [1, 2, 3, 4], 2) }),
      [float("x", 4, 4)],
      "no translation",
    ],
    ["Complex", (x) => ({ y: tf.complex(x, x) }), image, "no translation"],
    [
      "DepthToSpace",
      kernel("DepthToSpace", { blockSize: 2, dataFormat: "NCHW" }),
      image,
      '"dataFormat" is "NCHW"',
    ],
    [
      "Sigmoid",
      kernel("Sigmoid", { sharpness: 2 }),
      image,
      '"sharpness" is 2, which this translation does not know',
    ],
    ["Cast", kernel("Cast", { dtype: "complex64" }), image, '"dtype" is "complex64"'],
    [
      "BatchMatMul",
      (x) => ({ y: tf.matMul(x, x) }),
      [int("x", 2, 2)],
      'input "a" has dtype int32, expected float32',
    ],
    [
      "Add",
      (x) => ({ y: tf.add(x, x) }),
      [bool("x", 2)],
      'input "a" has dtype bool, expected float32 or int32',
    ],
    ["Max", (x) => ({ y: tf.max(x) }), [bool("x", 2)], "dtype bool"],
    ["MaxPool", (x) => ({ y: tf.maxPool(x as tf.Tensor4D, 2, 1, 3) }), image, '"pad" is 3'],
  ])("%s", (name, run, inputs, detail) => {
    const attempt = compileWith(run, inputs);
    expect(attempt).toThrow(UnsupportedKernelError);
    expect(attempt).toThrow(`Kernel "${name}"`);
    expect(attempt).toThrow(detail);
    expect(tf.getBackend()).toBe("cpu");
  });
});

describe("shapes that do not fit are refused while compiling, as by a backend that computes", () => {
  test.each<[string, Run, RegExp]>([
    ["a matrix product", (x) => ({ y: tf.matMul(x, x) }), /matMul/],
    ["a reshape", (x) => ({ y: tf.reshape(x, [4]) }), /^Size\(\d\) must match/],
    [
      "a reshape of what only repeats",
      () => ({ y: tf.reshape(tf.zeros([3]), [4]) }),
      /^Size\(\d\) must match/,
    ],
    ["a slice", (x) => ({ y: tf.slice(x, [1, 0], [2, 3]) }), /slice2D/],
    ["a concatenation", (x) => ({ y: tf.concat([x, tf.zeros([2, 2])], 0) }), /concat2D/],
    ["a stack", (x) => ({ y: tf.stack([x, tf.zeros([3, 2])]) }), /stack/],
    ["a broadcast", (x) => ({ y: tf.add(x, tf.zeros([2])) }), /broadcast/],
    ["an Einstein sum", (x) => ({ y: tf.einsum("ij,ij->i", x, tf.zeros([3, 2])) }), /dimension/],
    ["a convolution", (x) => ({ y: tf.conv2d(x as never, tf.zeros([1, 1, 2, 2]), 1, "same") }), /conv2d/],
    ["a split", (x) => ({ y: tf.split(x, [1, 1], 1)[0] }), /sum of sizes|split/],
  ])("%s", (_, run, message) => {
    expect(compileWith(run)).toThrow(message);
    expect(() => tf.tidy(() => void run(tf.zeros([2, 3])))).toThrow(message);
  });
});
