import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { type Attribute, type GraphNode, type Value, type ValueType } from "./graph-builder.ts";
import { onnxTypeCodes } from "./rearrange.ts";

const irVersion = 8n; // The version that came with opset 17.
const opsetVersion = 17n;

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

export interface ModelParts {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
}

/** Writes nodes in the given order as an ONNX model; inner values are named by their order, so equal graphs give equal bytes. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const names = new Map<Value, string>();
  for (const { name, value } of [...parts.inputs, ...parts.outputs]) names.set(value, name);
  const taken = new Set(names.values());
  let count = 0;
  const nameOf = (value: Value): string => {
    let name = names.get(value);
    if (name === undefined) {
      do name = `v${count++}`;
      while (taken.has(name));
      names.set(value, name);
    }
    return name;
  };
  const constants = new Set<Value>();
  const nodes = parts.nodes.map((node) => {
    for (const input of node.inputs) if (input?.constant) constants.add(input);
    return create(NodeProtoSchema, {
      opType: node.op,
      domain: node.domain ?? "",
      input: node.inputs.map((input) => (input ? nameOf(input) : "")),
      output: node.outputs.map(nameOf),
      attribute: Object.entries(node.attributes ?? {}).map(([name, attribute]) =>
        encodeAttribute(name, attribute),
      ),
    });
  });
  const graph = create(GraphProtoSchema, {
    name: "crossread",
    node: nodes,
    initializer: [...constants].map((value) =>
      create(TensorProtoSchema, {
        name: nameOf(value),
        dataType: onnxTypeCodes[value.dtype],
        dims: value.dims.map(BigInt),
        rawData: rawBytes(value),
      }),
    ),
    input: parts.inputs.map(({ name, value }) => valueInfo(name, value)),
    output: parts.outputs.map(({ name, value }) => valueInfo(name, value)),
  });
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: "@crossread/tfjs-onnx",
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: "", version: opsetVersion }),
      ...extraDomains(parts.nodes).map((domain) => create(OperatorSetIdProtoSchema, { domain, version: 1n })),
    ],
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

const extraDomains = (nodes: readonly GraphNode[]): string[] =>
  [...new Set(nodes.map((node) => node.domain ?? ""))].filter((domain) => domain !== "").toSorted();

function rawBytes(value: Value): Uint8Array<ArrayBuffer> {
  const data = value.constant!;
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return bytes;
}

function encodeAttribute(name: string, attribute: Attribute) {
  const types = AttributeProto_AttributeType;
  if ("int" in attribute) {
    return create(AttributeProtoSchema, { name, type: types.INT, i: BigInt(attribute.int) });
  }
  if ("float" in attribute)
    return create(AttributeProtoSchema, { name, type: types.FLOAT, f: attribute.float });
  if ("ints" in attribute) {
    return create(AttributeProtoSchema, { name, type: types.INTS, ints: attribute.ints.map(BigInt) });
  }
  return create(AttributeProtoSchema, {
    name,
    type: types.STRING,
    s: new TextEncoder().encode(attribute.text),
  });
}

function valueInfo(name: string, type: ValueType) {
  const shape = create(TensorShapeProtoSchema, {
    dim: type.dims.map((dim) =>
      create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(dim) } }),
    ),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, { elemType: onnxTypeCodes[type.dtype], shape }),
      },
    }),
  });
}
