import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TensorSpec } from "../compile.ts";
import type { GraphTarget } from "../graph-builder.ts";
import type { GraphArray } from "../session.ts";
import { compare, withGradients } from "./agreement.ts";
import { finiteDifferenceGap } from "./finite-differences.ts";

export interface SweepCase {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly f: (...tensors: tf.Tensor[]) => tf.Tensor;
  /** False for functions without gradient. */
  readonly hasGradient?: boolean;
  readonly tolerance?: number;
  readonly values?: Readonly<Record<string, GraphArray>>;
}

/** One test a case and target: values and gradients agree with tfjs's CPU backend, on both kinds of target. */
export function sweep(cases: readonly SweepCase[], targets: readonly GraphTarget[] = ["cpu", "gpu"]): void {
  for (const each of cases) {
    test(`agrees with the CPU backend: ${each.name}`, async () => {
      for (const target of targets) {
        const run =
          each.hasGradient === false
            ? (tensors: Record<string, tf.Tensor>) => ({
                y: each.f(...each.inputs.map((spec) => tensors[spec.name]!)),
              })
            : withGradients(each.inputs, each.f);
        const { worst } = await compare({
          inputs: each.inputs,
          run,
          target,
          ...(each.values ? { values: each.values } : {}),
        });
        expect(worst).toBeLessThan(each.tolerance ?? 1e-5);
      }
    });
  }
}

/** As `sweep`, and the gradient on the CPU backend is the slope of the function: central differences agree with it. */
export function sweepSlopes(
  cases: readonly SweepCase[],
  targets: readonly GraphTarget[] = ["cpu", "gpu"],
): void {
  sweep(cases, targets);
  for (const each of cases) {
    test(`has the function's slope as gradient: ${each.name}`, async () => {
      await tf.setBackend("cpu");
      expect(finiteDifferenceGap(each.inputs, each.f, each.values)).toBeLessThan(5e-3);
    });
  }
}
