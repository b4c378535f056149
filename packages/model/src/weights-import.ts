import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import { sha256 } from "./digest.ts";
import {
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
  type Parameter,
} from "./parameter-table.ts";
import { floatValues, parseSafetensors, type SafetensorsEntry } from "./safetensors.ts";
import { weightSchemes, type WeightScheme } from "./weight-names.ts";

export interface ImportReport {
  readonly scheme: WeightScheme["name"];
  readonly sourceSha256: string;
  readonly mapped: readonly {
    readonly from: string;
    readonly to: string;
    readonly shape: readonly number[];
  }[];
  /** Tensors of ours that the source lacks or that do not fit: freshly initialised from the seed. */
  readonly initialised: readonly { readonly name: string; readonly reason: string }[];
  /** Tensors of the source that the architecture has no place for. */
  readonly unused: readonly { readonly name: string; readonly reason: string }[];
  /** Settings that were changed to what the weights expect. */
  readonly convention: WeightScheme["convention"];
}

export interface ImportedWeights {
  /** The configuration given, with the convention of the weights. */
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  readonly report: ImportReport;
}

/**
 * Initialises a network from published EfficientNet weights in safetensors.
 *
 * Only the classifier may differ in shape (another number of classes): it is then initialised and named in the report.
 *
 * @param options.config - where the weights' convention must not be applied, set `keepConvention`
 * @param options.seed - of the tensors that the source lacks
 * @throws {DomainError} "weights-invalid" for a broken file, an unknown naming scheme, a wrong shape or a value that is not finite
 */
export function importWeights(options: {
  readonly file: Uint8Array;
  readonly origin: string;
  readonly config: ModelConfig;
  readonly seed: number;
  readonly keepConvention?: boolean;
}): ImportedWeights {
  const { file, origin, seed } = options;
  const { tensors } = parseSafetensors(file, origin);
  const scheme = weightSchemes.find(({ marker }) => tensors.has(marker));
  if (scheme === undefined) {
    const markers = weightSchemes.map(({ marker, name }) => `"${marker}" (${name})`).join(", ");
    throw new DomainError(
      "weights-invalid",
      `EfficientNet weights must hold one of ${markers}; ${origin} has none.`,
    );
  }
  const convention = options.keepConvention === true ? {} : scheme.convention;
  const config = { ...options.config, ...convention };
  const table = parameterTable(config);
  const names = scheme.nameMap(config);
  const parameters = initialParameters(config, seed);
  const mapped: ImportReport["mapped"][number][] = [];
  const initialised: ImportReport["initialised"][number][] = [];
  const classifierMisfits = new Set<string>();
  let hasClassifier = true;

  for (const parameter of table.parameters) {
    const from = scheme.layout === "same" ? parameter.name : names.get(parameter.name);
    const entry = from === undefined ? undefined : tensors.get(from);
    if (from === undefined || entry === undefined) {
      const reason = from === undefined ? `${scheme.name} has no such tensor` : `"${from}" is missing`;
      initialised.push({ name: parameter.name, reason });
      if (parameter.name === "head/dense/kernel") hasClassifier = false;
      continue;
    }
    if (parameter.name === "head/dense/bias" && !hasClassifier) {
      initialised.push({ name: parameter.name, reason: "belongs to another classifier" });
      classifierMisfits.add(from);
      continue;
    }
    const layout = sourceLayout(parameter, scheme);
    if (entry.shape.join() !== layout.shape.join()) {
      const difference = `"${from}" has shape [${entry.shape.join(", ")}], expected [${layout.shape.join(", ")}]`;
      if (!parameter.name.startsWith("head/dense/")) {
        throw new DomainError("weights-invalid", `For ${parameter.name}, ${difference} (${origin}).`);
      }
      initialised.push({ name: parameter.name, reason: `${difference}: another classifier` });
      classifierMisfits.add(from);
      hasClassifier = false;
      continue;
    }
    parameterValues(parameters, parameter).set(permute(from, entry, layout.order));
    mapped.push({ from, to: parameter.name, shape: parameter.shape });
  }
  const used = new Set(mapped.map(({ from }) => from));
  const unused = [...tensors.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({
      name,
      reason: classifierMisfits.has(name)
        ? "another classifier"
        : `${config.architecture} has no place for it`,
    }));
  const report = { scheme: scheme.name, sourceSha256: sha256(file), mapped, initialised, unused, convention };
  return { config, parameters, report };
}

/** Shape in the source, and for each of our axes the source's axis; axes of the source that are left out have length 1. */
function sourceLayout(
  parameter: Parameter,
  scheme: WeightScheme,
): { readonly shape: readonly number[]; readonly order: readonly number[] } {
  const { name, shape } = parameter;
  const inOrder = shape.map((_, axis) => axis);
  if (scheme.layout === "same" || shape.length === 1) return { shape, order: inOrder };
  if (shape.length === 2) {
    const [inputs, outputs] = shape as [number, number];
    // squeeze-and-excitation is a dense layer here and a 1×1 convolution in PyTorch
    const tail = name.includes("/squeeze-excite/") ? [1, 1] : [];
    return { shape: [outputs, inputs, ...tail], order: [1, 0] };
  }
  const [height, width, third, fourth] = shape as [number, number, number, number];
  return name.endsWith("/depthwise/kernel")
    ? { shape: [third, 1, height, width], order: [2, 3, 0, 1] }
    : { shape: [fourth, third, height, width], order: [2, 3, 1, 0] };
}

function permute(name: string, entry: SafetensorsEntry, order: readonly number[]): Float32Array {
  const source = floatValues(entry, name);
  const strides = entry.shape.map((_, axis) => entry.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sides = order.map((axis) => entry.shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(source.length);
  const index = sides.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = source[from]!;
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < sides[axis]!) break;
      from -= steps[axis]! * sides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
