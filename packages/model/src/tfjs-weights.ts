import { DomainError } from "@crossread/contracts/errors";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { SafetensorsEntry } from "./safetensors.ts";
import type { TensorSource } from "./weights-import.ts";

/** The weights of a tfjs model: model.json names them in order, binary shards beside it hold their bytes. */

const affine = { scale: z.number(), min: z.number() };
const manifestSchema = z.object({
  weightsManifest: z
    .array(
      z.object({
        // a shard lies beside model.json: no directory, so that no path leads elsewhere
        paths: z.array(z.string().regex(/^[^/\\]+$/)),
        weights: z.array(
          z.object({
            name: z.string().min(1),
            shape: z.array(z.int().min(0)).max(16),
            dtype: z.string(),
            quantization: z
              .union([
                z.object({ dtype: z.literal("float16") }),
                z.object({ dtype: z.enum(["uint8", "uint16"]), ...affine }),
              ])
              .optional(),
          }),
        ),
      }),
    )
    .min(1),
});
type WeightEntry = z.infer<typeof manifestSchema>["weightsManifest"][number]["weights"][number];

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint8: 1,
  uint16: 2,
};

/**
 * Reads untrusted files; quantised weights come back as float32.
 *
 * @param readShard - bytes of a file beside model.json
 * @throws {DomainError} "weights-invalid"
 */
export async function readTfjsWeights(
  modelJson: Uint8Array,
  origin: string,
  readShard: (name: string) => Promise<Uint8Array>,
): Promise<TensorSource> {
  const manifest = parseManifest(modelJson, origin);
  const hash = createHash("sha256").update(modelJson);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const group of manifest.weightsManifest) {
    const shards: Uint8Array[] = [];
    for (const path of group.paths) {
      const shard = await readShard(path);
      hash.update(shard);
      shards.push(shard);
    }
    const data = Buffer.concat(shards);
    let offset = 0;
    for (const weight of group.weights) {
      const stored = weight.quantization?.dtype ?? weight.dtype;
      const stride = bytesPerValue[stored];
      if (stride === undefined) {
        throw new DomainError(
          "weights-invalid",
          `Weight "${weight.name}" has type ${stored}, which a tfjs model cannot hold (${origin}).`,
        );
      }
      const end = offset + weight.shape.reduce((product, side) => product * side, stride);
      if (end > data.length) {
        throw new DomainError(
          "weights-invalid",
          `Weight "${weight.name}" ends at byte ${end}, but its shards hold ${data.length} bytes (${origin}).`,
        );
      }
      tensors.set(weight.name, toEntry(weight, data.subarray(offset, end)));
      offset = end;
    }
    if (offset !== data.length) {
      throw new DomainError(
        "weights-invalid",
        `The weights cover ${offset} of ${data.length} bytes of their shards (${origin}).`,
      );
    }
  }
  return { tensors, sha256: hash.digest("hex") };
}

function parseManifest(modelJson: Uint8Array, origin: string) {
  try {
    return manifestSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(modelJson)));
  } catch (cause) {
    throw new DomainError(
      "weights-invalid",
      `A tfjs model.json lists its weights under weightsManifest, with shards beside it; ${origin} does not.`,
      { cause },
    );
  }
}

function toEntry(weight: WeightEntry, bytes: Uint8Array): SafetensorsEntry {
  const { quantization, shape } = weight;
  if (quantization === undefined) {
    return {
      dtype: weight.dtype === "float32" ? "F32" : weight.dtype === "int32" ? "I32" : "BOOL",
      shape,
      bytes,
    };
  }
  if (quantization.dtype === "float16") return { dtype: "F16", shape, bytes };
  const { dtype, min, scale } = quantization;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = dtype === "uint8" ? bytes.length : bytes.length / 2;
  const values = new DataView(new ArrayBuffer(4 * count));
  for (let index = 0; index < count; index++) {
    const level = dtype === "uint8" ? view.getUint8(index) : view.getUint16(2 * index, true);
    values.setFloat32(4 * index, level * scale + min, true);
  }
  return { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) };
}
