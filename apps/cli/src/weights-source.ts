import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import { sha256 } from "@crossread/model/digest";
import { parseSafetensors } from "@crossread/model/safetensors";
import { readTfjsWeights } from "@crossread/model/tfjs-weights";
import type { TensorSource } from "@crossread/model/weights-import";

interface ForeignFormat {
  readonly name: string;
  readonly signature: readonly number[];
  readonly conversion: string;
}

/** Formats that are recognised in order to say how to leave them. */
const foreignFormats: readonly ForeignFormat[] = [
  {
    name: "HDF5 (Keras .h5)",
    signature: [0x89, 0x48, 0x44, 0x46],
    conversion:
      "python -c \"import h5py,sys; from safetensors.numpy import save_file; t={}; h5py.File(sys.argv[1]).visititems(lambda n,d: t.update({n:d[()]}) if hasattr(d,'shape') else None); save_file(t,sys.argv[2])\" IN.h5 OUT.safetensors",
  },
  {
    name: "a zip archive (PyTorch .pth or .pt, or Keras .keras)",
    signature: [0x50, 0x4b, 0x03, 0x04],
    conversion:
      "for PyTorch: python -c \"import torch,sys; from safetensors.torch import save_file; save_file({k:v.contiguous() for k,v in torch.load(sys.argv[1],map_location='cpu').items()},sys.argv[2])\" IN.pth OUT.safetensors; for Keras: model.save_weights('OUT.h5') first",
  },
  {
    name: "a Python pickle",
    signature: [0x80],
    conversion: "save the state dictionary with safetensors.torch.save_file",
  },
];

/** Tensors of a safetensors file or of a tfjs model.json with its shards. Nothing is ever unpickled. */
export async function readWeightsSource(file: string): Promise<TensorSource> {
  const bytes = await readBytes(file);
  const foreign = foreignFormats.find(({ signature }) =>
    signature.every((byte, index) => bytes[index] === byte && !isSafetensorsLength(bytes)),
  );
  if (foreign !== undefined) {
    throw new DomainError(
      "weights-invalid",
      `${file} is ${foreign.name}, which Crossread does not open, because reading it can run code or needs HDF5; convert it to safetensors: ${foreign.conversion}`,
    );
  }
  if (bytes[0] === "{".charCodeAt(0) && !isSafetensorsLength(bytes)) {
    return readTfjsWeights(bytes, file, (name) => readBytes(join(dirname(file), name)));
  }
  return { tensors: parseSafetensors(bytes, file).tensors, sha256: sha256(bytes) };
}

/** A safetensors file may begin with any byte: eight of them are the length of the JSON that follows. */
function isSafetensorsLength(bytes: Uint8Array): boolean {
  if (bytes.length < 9) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return length <= BigInt(bytes.length - 8) && bytes[8] === "{".charCodeAt(0);
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
}
