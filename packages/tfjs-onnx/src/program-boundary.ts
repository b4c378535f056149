import { Tensor } from "@tensorflow/tfjs-core";
import type { TensorSpec } from "./compile.ts";
import { graphDtype } from "./trace-backend.ts";
import { TraceError } from "./unsupported-kernel-error.ts";

/** @throws {TraceError} for names that repeat or are empty, and for shapes and dtypes that no graph input can have */
export function assertTensorSpecs(specs: readonly TensorSpec[]): void {
  const names = specs.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new TraceError(`Input names repeat: ${names.join()}`);
  for (const { name, shape, dtype } of specs) {
    if (name === "") throw new TraceError("An input has an empty name");
    if (!shape.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
      throw new TraceError(
        `Input "${name}" has shape [${shape.join()}]: expected whole numbers above 0, for shapes are fixed`,
      );
    }
    graphDtype(dtype);
  }
}

/**
 * What the traced function returned, as tensors by name.
 *
 * @throws {TraceError} if it returned anything else
 */
export function namedTensors(results: unknown): readonly (readonly [string, Tensor])[] {
  if (isPromise(results)) {
    ignoreRejection(results);
    throw new TraceError(
      "The function given to compileFunction is asynchronous: it must return its outputs, not a promise of them",
    );
  }
  if (typeof results !== "object" || results === null || results instanceof Tensor) {
    const got = results instanceof Tensor ? "a tensor" : String(results);
    throw new TraceError(`The function given to compileFunction returned ${got}, expected tensors by name`);
  }
  return Object.entries(results).map(([name, tensor]: [string, unknown]) => {
    if (isPromise(tensor)) ignoreRejection(tensor);
    if (!(tensor instanceof Tensor))
      throw new TraceError(`Output "${name}" is ${String(tensor)}, expected a tensor`);
    return [name, tensor] as const;
  });
}

/** What went wrong is reported here; Node would end the process over it besides. */
const ignoreRejection = (promise: PromiseLike<unknown>): void =>
  void promise.then(undefined, () => undefined);

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
