import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type ModelProto } from "onnx-buf";
import { beforeEach, describe, expect, test } from "vitest";
import { compileFunction, type CompileOptions } from "./compile.ts";
import { compare, float, withGradients } from "./testing/agreement.ts";

beforeEach(async () => {
  await tf.setBackend("cpu");
});

const parse = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);
const ops = (options: CompileOptions): string[] =>
  parse(compileFunction(options).bytes).graph!.node.map((n) => n.opType);

describe("compileFunction", () => {
  const inputs = [float("x", 2, 6, 6, 3), float("w", 3, 3, 3, 4), float("v", 3, 3, 4, 1)];
  const net: CompileOptions = {
    inputs,
    run: withGradients(inputs, (x, w, v) =>
      tf.mean(
        tf.depthwiseConv2d(
          tf.relu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same")),
          v as tf.Tensor4D,
          1,
          "same",
        ),
        [1, 2],
      ),
    ),
  };

  test("gives the same bytes for the same function", () => {
    const first = compileFunction(net);
    tf.tidy(() => void tf.add(tf.ones([3]), tf.zeros([3])));
    expect(Buffer.from(compileFunction(net).bytes).equals(first.bytes)).toBe(true);
  });

  test("leaves backend, weights and the number of tensors as they were", () => {
    const weight = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numTensors;
    compileFunction({ inputs: [float("x", 3)], run: ({ x }) => ({ y: tf.mul(x!, weight) }) });
    expect({ backend: tf.getBackend(), tensors: tf.memory().numTensors }).toEqual({
      backend: "cpu",
      tensors: before,
    });
    expect(Array.from(tf.add(weight, 1).dataSync())).toEqual([2, 3, 4]);
  });

  test("captures weights as initializers, once, in the layout of the convolution", () => {
    const filter = tf.randomNormal([3, 3, 3, 4], 0, 1, "float32", 1) as tf.Tensor4D;
    const model = parse(
      compileFunction({
        inputs: [float("x", 1, 8, 8, 3)],
        run: ({ x }) => ({
          a: tf.conv2d(x as tf.Tensor4D, filter, 1, "same"),
          b: tf.conv2d(x as tf.Tensor4D, filter, 2, "same"),
        }),
      }).bytes,
    );
    const large = model.graph!.initializer.filter((tensor) => tensor.rawData.length > 64);
    expect(large.map((tensor) => tensor.dims.map(Number))).toEqual([[4, 3, 3, 3]]);
    expect(model.graph!.node.filter((node) => node.opType === "Transpose")).toHaveLength(3);
  });

  test("never bakes a large constant of equal elements", () => {
    const { bytes } = compileFunction({
      inputs: [float("x", 64, 64, 16)],
      run: ({ x }) => ({
        y: tf.add(tf.mul(x!, tf.ones([64, 64, 16])), tf.fill([64, 64, 16], 2)),
        z: tf.concat([x!, tf.zeros([64, 64, 16])]),
        d: tf.grad((v) => tf.mean(tf.square(v)))(x!),
      }),
    });
    expect(bytes.length).toBeLessThan(3000);
  });

  test("drops what no output needs and computes what is equal once", () => {
    const nodes = ops({
      inputs: [float("x", 4)],
      run: ({ x }) => {
        tf.exp(x!);
        return { y: tf.add(tf.sin(x!), tf.sin(x!)) };
      },
    });
    expect(nodes).toEqual(["Sin", "Add", "Identity"]);
  });

  test("keeps activations NCHW between convolutions: one transpose in, one out", () => {
    const nodes = ops({
      inputs: [float("x", 1, 8, 8, 3)],
      run: ({ x }) => {
        const filter = (inner: number, outer: number) =>
          tf.randomNormal([3, 3, inner, outer], 0, 1, "float32", inner) as tf.Tensor4D;
        const a = tf.conv2d(x as tf.Tensor4D, filter(3, 4), 1, "same");
        const normalized = tf.mul(tf.sub(a, tf.mean(a, [0, 1, 2])), tf.tensor1d([1, 2, 3, 4]));
        const gate = tf.sigmoid(tf.concat([tf.mean(normalized, 3, true), tf.max(normalized, 3, true)], 3));
        const gated = tf.mul(normalized, tf.slice(gate, [0, 0, 0, 0], [-1, -1, -1, 1]));
        return {
          y: tf.conv2d(
            tf.maxPool(
              tf.pad(gated as tf.Tensor4D, [
                [0, 0],
                [1, 1],
                [1, 1],
                [0, 0],
              ]),
              2,
              2,
              "same",
            ),
            filter(4, 5),
            1,
            "same",
          ),
        };
      },
    });
    expect(nodes.filter((op) => op === "Transpose")).toHaveLength(2);
  });

  test("uses only standard operators for a GPU", () => {
    const domains = parse(compileFunction({ ...net, target: "gpu" }).bytes).graph!.node.map(
      (node) => node.domain,
    );
    expect(new Set(domains)).toEqual(new Set([""]));
  });

  test("names the kernel that it cannot translate", () => {
    expect(() =>
      compileFunction({
        inputs: [float("x", 4, 2)],
        run: ({ x }) => ({
          y: tf.fft(tf.complex(tf.slice(x!, [0, 0], [1, 2]), tf.slice(x!, [1, 0], [1, 2]))),
        }),
      }),
    ).toThrow('Kernel "Complex" has no translation to ONNX');
    expect(tf.getBackend()).toBe("cpu");
  });

  test("names the attribute that it cannot translate", () => {
    expect(() =>
      compileFunction({
        inputs: [float("x", 1, 8, 2, 2)],
        run: ({ x }) => ({
          y: tf
            .engine()
            .runKernel("DepthToSpace", { x: x! }, { blockSize: 2, dataFormat: "NCHW" }) as tf.Tensor,
        }),
      }),
    ).toThrow(
      'Kernel "DepthToSpace" cannot be translated to ONNX: attribute "dataFormat" is "NCHW", expected NHWC',
    );
  });

  test("refuses an attribute that a kernel's translation never reads", () => {
    expect(() =>
      compileFunction({
        inputs: [float("x", 2)],
        run: ({ x }) => ({ y: tf.engine().runKernel("Sigmoid", { x: x! }, { sharpness: 2 }) as tf.Tensor }),
      }),
    ).toThrow('attribute "sharpness" is 2, which this translation does not know');
  });

  test("explains why a value cannot be read", () => {
    expect(() =>
      compileFunction({ inputs: [float("x", 2)], run: ({ x }) => ({ y: tf.mul(x!, x!.dataSync()[0]!) }) }),
    ).toThrow(/has no value yet.*Use tf\.where/s);
  });

  test("refuses to let a tensor outlive the trace", () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    expect(() =>
      compileFunction({
        inputs: [float("x", 2)],
        run: ({ x }) => {
          variable.assign(x as tf.Tensor1D);
          return { y: tf.neg(x!) };
        },
      }),
    ).toThrow("outlived compileFunction");
  });

  test.each([
    ["no outputs", () => ({}), "returned no outputs"],
    [
      "an output named as an input",
      ({ x }: Record<string, tf.Tensor>) => ({ x: tf.neg(x!) }),
      "names must differ",
    ],
  ])("refuses %s", (_, run: CompileOptions["run"], message) => {
    expect(() => compileFunction({ inputs: [float("x", 2)], run })).toThrow(message);
  });

  test("returns inputs and constants as outputs too", async () => {
    const { worst } = await compare({
      inputs: [float("x", 2, 3)],
      run: ({ x }) => ({
        a: tf.clone(x!),
        b: tf.tensor1d([1, 2]),
        c: tf.zeros([2, 2]),
        d: tf.clone(x!),
      }),
    });
    expect(worst).toBe(0);
  });
});
