import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";

export interface ModelDescription {
  readonly docString: string;
  /** Becomes metadata_props, in this order. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The same model with a text and properties that travel inside the file. */
export function describeModel(bytes: Uint8Array, description: ModelDescription): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  model.docString = description.docString;
  model.metadataProps = Object.entries(description.metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, model);
}

/** Domains beyond ONNX's own of a model's operators; a model without any runs on every ONNX runtime. */
export function vendorDomains(bytes: Uint8Array): string[] {
  const model = fromBinary(ModelProtoSchema, bytes);
  const used = [...model.opsetImport, ...(model.graph?.node ?? [])].map(({ domain }) => domain);
  return [...new Set(used)].filter((domain) => domain !== "" && domain !== "ai.onnx").toSorted();
}
