import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import { sha256 } from "./digest.ts";
import {
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
} from "./parameter-table.ts";
import { floatValues, parseSafetensors, type SafetensorsEntry } from "./safetensors.ts";
import { fromSource, sourceLayout } from "./weight-layout.ts";
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
  /** What else the source's conventions say, for who continues training. */
  readonly remark?: string;
}

export interface ImportedWeights {
  /** The configuration given, with the convention of the weights. */
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
  readonly report: ImportReport;
}

export interface ImportOptions {
  readonly origin: string;
  readonly config: ModelConfig;
  /** Of the tensors that the source lacks. */
  readonly seed: number;
  /** Leaves padding and batch-norm epsilon as configured, whatever the weights were trained with. */
  readonly keepConvention?: boolean;
}

/** Named tensors of a file of any kind. */
export interface TensorSource {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly sha256: string;
}

/** `importTensors` of a safetensors file. */
export function importWeights(options: ImportOptions & { readonly file: Uint8Array }): ImportedWeights {
  const { tensors } = parseSafetensors(options.file, options.origin);
  return importTensors({ tensors, sha256: sha256(options.file) }, options);
}

/**
 * Initialises a network from published EfficientNet weights.
 *
 * Only the classifier may differ in shape (another number of classes): it is then initialised and named in the report.
 *
 * @throws {DomainError} "weights-invalid" for a broken file, an unknown naming scheme, a wrong shape or a value that is not finite
 */
export function importTensors(source: TensorSource, options: ImportOptions): ImportedWeights {
  const { origin, seed } = options;
  const scheme = schemeOf([...source.tensors.keys()], origin);
  const tensors = byPublishedName(source.tensors, { scheme, origin });
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
    const published = scheme.layout === "same" ? parameter.name : names.get(parameter.name);
    const found = published === undefined ? undefined : tensors.get(published);
    if (published === undefined || found === undefined) {
      const reason =
        published === undefined ? `${scheme.name} has no such tensor` : `"${published}" is missing`;
      initialised.push({ name: parameter.name, reason });
      if (parameter.name === "head/dense/kernel") hasClassifier = false;
      continue;
    }
    const { entry, from } = found;
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
    parameterValues(parameters, parameter).set(fromSource(floatValues(entry, from), layout));
    mapped.push({ from, to: parameter.name, shape: parameter.shape });
  }
  const used = new Set(mapped.map(({ from }) => from));
  const unused = [...tensors]
    .filter(([, { from }]) => !used.has(from))
    .map(([published, { from }]) => ({
      name: from,
      reason: classifierMisfits.has(from)
        ? "another classifier"
        : (scheme.unusedReason(published) ?? `${config.architecture} has no place for it`),
    }));
  const report: ImportReport = {
    scheme: scheme.name,
    sourceSha256: source.sha256,
    mapped,
    initialised,
    unused,
    convention,
    ...(scheme.remark === undefined ? {} : { remark: scheme.remark }),
  };
  return { config, parameters, report };
}

function schemeOf(names: readonly string[], origin: string): WeightScheme {
  const scheme = weightSchemes.find(({ marker, publishedName }) =>
    names.some((name) => publishedName(name) === marker),
  );
  if (scheme !== undefined) return scheme;
  if (names.some((name) => /_bn_offset$|(Conv2D|depthwise)_weights$/.test(name))) {
    throw new DomainError(
      "weights-invalid",
      `Batch normalisation is folded into the convolutions of ${origin}, so its weights cannot be told apart: convert the Keras model as a layers model, or from its SavedModel without graph optimisation.`,
    );
  }
  const markers = weightSchemes.map(({ marker, name }) => `"${marker}" (${name})`).join(", ");
  throw new DomainError(
    "weights-invalid",
    `EfficientNet weights must hold one of ${markers}; ${origin} has none.`,
  );
}

function byPublishedName(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  { origin, scheme }: { readonly origin: string; readonly scheme: WeightScheme },
): ReadonlyMap<string, { readonly from: string; readonly entry: SafetensorsEntry }> {
  const result = new Map<string, { from: string; entry: SafetensorsEntry }>();
  for (const [from, entry] of tensors) {
    const published = scheme.publishedName(from);
    const other = result.get(published);
    if (other !== undefined) {
      throw new DomainError(
        "weights-invalid",
        `"${other.from}" and "${from}" are both ${published} in ${origin}.`,
      );
    }
    result.set(published, { from, entry });
  }
  return result;
}
