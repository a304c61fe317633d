import { create, toBinary } from "@bufbuild/protobuf";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { sizeOf } from "../graph/shapes.ts";
import { isKernel, toFiniteHalf } from "../weights/stored-tensors.ts";

/** The name of a value inside an ONNX graph. */
export type Value = string & { readonly onnxValue: unique symbol };

export type ElementType = "float32" | "uint8" | "int64";

/** An integer, a list of integers, or (with the key `float`) a real number: ONNX tells them apart by type. */
export type Attribute = number | readonly number[] | string | { float: number };

/**
 * The operator sets that a graph can be written in. 18 is that of ONNX 1.13; 13, of ONNX 1.8 (2020), is the lowest whose
 * Softmax works along one axis of a picture.
 */
export type Opset = 13 | 18;

const MICROSOFT_OPSET = 1;
/** The file format of the first ONNX with that operator set: every runtime that has the set reads it. */
const IR_VERSIONS: Readonly<Record<Opset, bigint>> = { 13: 7n, 18: 8n };

/** What a model's file says in words. */
export interface OnnxDescription {
  /** For whoever opens the file. */
  doc?: string;
  /** Of the program that writes it. */
  producerVersion?: string;
}

/** Constants of fewer bytes are cheaper copied to every session than put into a file. */
const SMALLEST_SPLIT = 1024 ** 2;
/** A constant of fewer bytes stays in the model file: shapes and axes, which the runtime must know when it loads. */
const SMALLEST_BYTES_APART = 1024;
/** Where a constant begins in the second file, as cache lines and vector registers like it. */
const ALIGNMENT = 64;

const DATA_TYPES = {
  float32: DataType.FLOAT,
  uint8: DataType.UINT8,
  int64: DataType.INT64,
} as const;

/** A model in two files, the second of which sessions can map into memory and share. */
export interface SplitModel {
  /** The model's file. It finds the other one beside it, by the name `constantsFile`. */
  model: Uint8Array;
  constantsFile: string;
  /** What the other file holds, each at its offset in bytes; `values` may be made anew by each call. */
  constants: { offset: number; values(): ConstantValues }[];
}

/** float32, float16 by its bits, or int64. */
export type ConstantValues = Float32Array | Uint16Array | BigInt64Array;

const BYTES = { [DataType.FLOAT]: 4, [DataType.FLOAT16]: 2, [DataType.INT64]: 8 } as const;

interface Constant {
  name: Value;
  type: keyof typeof BYTES;
  shape: readonly number[];
  values(): ConstantValues;
}

/** Builds an ONNX model node by node; equal constants are stored once. */
export class OnnxGraph {
  readonly #name: string;
  readonly #nodes: NodeProto[] = [];
  readonly #constants: Constant[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #integerConstants = new Map<string, Value>();
  readonly #names = new Map<string, number>();
  readonly #opset: Opset;
  readonly #halfKernels: boolean;
  #usesMicrosoftDomain = false;

  /** `halfKernels`: kernels are stored in 16 bits, and are 32-bit numbers again where they are used. */
  constructor(
    name: string,
    { opset = 18, halfKernels = false }: { opset?: Opset; halfKernels?: boolean } = {},
  ) {
    this.#name = name;
    this.#opset = opset;
    this.#halfKernels = halfKernels;
  }

  /** An input; a text extent is a free dimension of that name. */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    const value = this.#unique(name);
    this.#inputs.push(valueInfo(value, type, shape));
    return value;
  }

  /** Makes a value an output under a name of its own. */
  output(name: string, value: Value, type: ElementType, shape: readonly (number | string)[]): void {
    const output = this.#unique(name);
    if (output !== name)
      throw new FerBenchError("internal", `A value of ${this.#name} is named ${name} already.`);
    this.#nodes.push(create(NodeProtoSchema, { opType: "Identity", input: [value], output: [name] }));
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Makes a value an output under the name that it has: no copy of it is made. */
  result(value: Value, type: ElementType, shape: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(value, type, shape));
  }

  /**
   * Runs `body` for one row after another of the `scanned` values (ONNX's Scan over the first axis). The body's inputs
   * are the states, then one row of each scanned value; its outputs the next states, then a row of each further result.
   * It may read this graph's values, and must not use their names for its own.
   * @returns the last states, then the further results, their rows stacked
   */
  scan(body: OnnxGraph, states: readonly Value[], scanned: readonly Value[], name = "Scan"): Value[] {
    this.#usesMicrosoftDomain ||= body.#usesMicrosoftDomain;
    const outputs = body.#outputs.map((output) => this.#unique(`${name}/${output.name}`));
    this.#nodes.push(
      create(NodeProtoSchema, {
        name: this.#unique(name),
        opType: "Scan",
        input: [...states, ...scanned],
        output: outputs,
        attribute: [
          create(AttributeProtoSchema, { name: "body", type: AttributeType.GRAPH, g: body.#toGraph(inFile) }),
          attribute("num_scan_inputs", scanned.length),
        ],
      }),
    );
    return outputs;
  }

  /** A node with one output, named after `name` where given; prefix `com.microsoft.` for the runtime's own operators. */
  node(
    operator: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name = operator,
  ): Value {
    return this.nodes(operator, inputs, 1, attributes, name)[0]!;
  }

  /** A node with several outputs. */
  nodes(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    name = operator,
  ): Value[] {
    const microsoft = operator.startsWith("com.microsoft.");
    this.#usesMicrosoftDomain ||= microsoft;
    const values = Array.from({ length: outputs }, () => this.#unique(name));
    this.#nodes.push(
      create(NodeProtoSchema, {
        name: values[0]!,
        opType: microsoft ? operator.slice("com.microsoft.".length) : operator,
        domain: microsoft ? "com.microsoft" : "",
        input: inputs.map((input) => input ?? ""),
        output: values,
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    );
    return values;
  }

  /** The mean over axes, which stay with extent 1 where `keepdims` is set. */
  mean(x: Value, axes: readonly number[], { keepdims = true, name = "ReduceMean" } = {}): Value {
    const attributes = { keepdims: keepdims ? 1 : 0 };
    // From opset 18 on, axes are an input.
    return this.#opset < 18
      ? this.node("ReduceMean", [x], { axes, ...attributes }, name)
      : this.node("ReduceMean", [x, this.integers(...axes)], attributes, name);
  }

  /**
   * A float32 constant: its values, which are not copied and must stay as they are until the model is written, or what
   * makes them when it is, so that not all large ones are held at once.
   */
  floats(data: Float32Array | (() => Float32Array), shape: readonly number[], name = "constant"): Value {
    const values = typeof data === "function" ? data : () => data;
    if (this.#halfKernels && isKernel(shape)) {
      const stored = this.#constant(`${name}/half`, DataType.FLOAT16, shape, () =>
        toFiniteHalf(name, values()),
      );
      return this.node("Cast", [stored], { to: DataType.FLOAT }, name);
    }
    return this.#constant(name, DataType.FLOAT, shape, values);
  }

  float(value: number): Value {
    return this.floats(Float32Array.of(value), []);
  }

  /** A one-dimensional int64 constant, as shapes and axes are given. */
  integers(...values: readonly number[]): Value {
    const key = values.join();
    let value = this.#integerConstants.get(key);
    if (value === undefined) {
      const data = BigInt64Array.from(values, BigInt);
      value = this.#constant("integers", DataType.INT64, [values.length], () => data);
      this.#integerConstants.set(key, value);
    }
    return value;
  }

  /** The finished model as a file's bytes. */
  toBytes(metadata: Readonly<Record<string, string>> = {}, description: OnnxDescription = {}): Uint8Array {
    return this.#encode(metadata, description, inFile);
  }

  /** The finished model for sessions to start from: split, or a file's bytes where its constants are small. */
  toSessions(): SplitModel | Uint8Array {
    const size = this.#constants.reduce((sum, constant) => sum + byteLength(constant), 0);
    return size < SMALLEST_SPLIT ? this.toBytes() : this.#split("constants.bin");
  }

  #split(constantsFile: string): SplitModel {
    const constants: SplitModel["constants"] = [];
    let end = 0;
    const model = this.#encode({}, {}, (constant) => {
      const length = byteLength(constant);
      if (length < SMALLEST_BYTES_APART) return inFile(constant);
      const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      end = offset + length;
      constants.push({ offset, values: constant.values });
      return locatedIn(constantsFile, offset, length);
    });
    return { model, constantsFile, constants };
  }

  #encode(
    metadata: Readonly<Record<string, string>>,
    { doc = "", producerVersion = "" }: OnnxDescription,
    place: Place,
  ): Uint8Array {
    const domains = [{ domain: "", version: BigInt(this.#opset) }];
    if (this.#usesMicrosoftDomain) {
      domains.push({ domain: "com.microsoft", version: BigInt(MICROSOFT_OPSET) });
    }
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSIONS[this.#opset],
      producerName: "fer-bench",
      producerVersion,
      docString: doc,
      opsetImport: domains.map((domain) => create(OperatorSetIdProtoSchema, domain)),
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
      graph: this.#toGraph(place),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #toGraph(place: Place): GraphProto {
    return create(GraphProtoSchema, {
      name: this.#name,
      node: this.#nodes,
      initializer: this.#constants.map((constant) => tensor(constant, place)),
      input: this.#inputs,
      output: this.#outputs,
    });
  }

  #constant(
    name: string,
    type: Constant["type"],
    shape: readonly number[],
    values: Constant["values"],
  ): Value {
    const unique = this.#unique(name);
    this.#constants.push({ name: unique, type, shape, values });
    return unique;
  }

  #unique(name: string): Value {
    const uses = this.#names.get(name) ?? 0;
    this.#names.set(name, uses + 1);
    return (uses === 0 ? name : `${name}~${uses}`) as Value;
  }
}

function attribute(name: string, value: Attribute) {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if ("float" in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** Where a constant's values stand. */
type Place = (
  constant: Constant,
) => Pick<TensorProto, "rawData"> | Pick<TensorProto, "dataLocation" | "externalData">;

const inFile: Place = ({ values }) => ({ rawData: bytesOf(values()) });

/** The bytes of a constant as they stand in a file; a copy only of memory that is shared between threads. */
export function bytesOf({ buffer, byteOffset, byteLength }: ConstantValues): Uint8Array<ArrayBuffer> {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer, byteOffset, byteLength);
  return Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength));
}

function byteLength({ type, shape }: Constant): number {
  return sizeOf(shape) * BYTES[type];
}

function tensor(constant: Constant, place: Place): TensorProto {
  const { name, type, shape } = constant;
  return create(TensorProtoSchema, { name, dataType: type, dims: shape.map(BigInt), ...place(constant) });
}

function locatedIn(location: string, offset: number, length: number) {
  const entries = Object.entries({ location, offset: String(offset), length: String(length) });
  return {
    dataLocation: DataLocation.EXTERNAL,
    externalData: entries.map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  };
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof extent === "number"
          ? { case: "dimValue", value: BigInt(extent) }
          : { case: "dimParam", value: extent },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: DATA_TYPES[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }),
  });
}
