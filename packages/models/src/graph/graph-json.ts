import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { z } from "zod";
import { defineGraph, type Graph } from "./graph.ts";
import type { Initializer } from "./initializers.ts";
import type { Activation, LayerKind, LayerOfKind } from "./layers.ts";

/*
 * A graph as JSON: its name and its layers as they are. A file that holds it needs neither the builder that made it
 * nor a registered backbone. The schema is strict: a layer or a field that this version does not know changes what the
 * network computes, so it is refused.
 */

const name = z.string().min(1);
const count = z.int().positive();
const pair = z.tuple([count, count]);
const shape = z.array(count).min(1);
const pixels = z.int().nonnegative();

const padding = z.strictObject({ top: pixels, left: pixels, bottom: pixels, right: pixels });
const perChannel = z.union([z.number(), z.array(z.number()).min(1)]);

/** The schema itself, if it takes every `Value`: the compiler refuses one that takes fewer. */
const every =
  <Value>() =>
  <Schema extends z.ZodType<Value>>(
    schema: Schema & ([Value] extends [z.output<Schema>] ? unknown : never),
  ): Schema =>
    schema;

const activation = every<Activation>()(z.enum(["linear", "relu", "sigmoid", "swish", "tanh", "softmax"]));

const initializer = every<Initializer>()(
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("varianceScaling"),
      scale: z.number().positive(),
      mode: z.enum(["fanIn", "fanOut", "fanAverage"]),
      distribution: z.enum(["truncatedNormal", "normal", "uniform"]),
    }),
    z.strictObject({ kind: z.literal("normal"), deviation: z.number() }),
    z.strictObject({ kind: z.literal("uniform"), limit: z.number() }),
    z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  ]),
);

/** What every layer has; all but the input read another. */
const layer = <Kind extends LayerKind>(kind: Kind) => ({
  kind: z.literal(kind),
  name,
  inputs: z.array(name).min(1),
});

type FieldsOf<Kind extends LayerKind> = {
  [Field in keyof LayerOfKind<Kind>]-?: z.ZodType<LayerOfKind<Kind>[Field]>;
};

/** The compiler asks for every kind of layer here, and for each of its fields, those that may be absent included. */
const LAYER_SCHEMAS: { [Kind in LayerKind]: z.ZodObject<FieldsOf<Kind>, z.core.$strict> } = {
  input: z.strictObject({
    ...layer("input"),
    inputs: z.array(name).length(0),
    shape,
    dtype: every<LayerOfKind<"input">["dtype"]>()(z.enum(["uint8", "float32"])),
  }),
  repeatChannels: z.strictObject({ ...layer("repeatChannels"), times: count }),
  rescaling: z.strictObject({
    ...layer("rescaling"),
    scale: perChannel,
    offset: perChannel.optional(),
  }),
  normalization: z.strictObject(layer("normalization")),
  conv2d: z.strictObject({
    ...layer("conv2d"),
    filters: count,
    kernel: pair,
    strides: pair,
    padding,
    bias: z.boolean(),
    biasInitializer: initializer.optional(),
    activation,
    initializer,
  }),
  depthwiseConv2d: z.strictObject({
    ...layer("depthwiseConv2d"),
    kernel: pair,
    strides: pair,
    padding,
    bias: z.boolean(),
    initializer,
  }),
  batchNorm: z.strictObject({ ...layer("batchNorm"), epsilon: z.number().positive(), momentum: z.number() }),
  activation: z.strictObject({ ...layer("activation"), activation }),
  maxPool2d: z.strictObject({ ...layer("maxPool2d"), window: pair, strides: pair, padding }),
  adaptiveAveragePool2d: z.strictObject({ ...layer("adaptiveAveragePool2d"), size: pair }),
  resize: z.strictObject({
    ...layer("resize"),
    size: pair,
    interpolation: every<LayerOfKind<"resize">["interpolation"]>()(z.enum(["bicubic", "bilinear"])),
  }),
  globalAveragePool: z.strictObject(layer("globalAveragePool")),
  reshape: z.strictObject({ ...layer("reshape"), shape }),
  dense: z.strictObject({
    ...layer("dense"),
    units: count,
    bias: z.boolean(),
    biasInitializer: initializer.optional(),
    activation,
    initializer,
  }),
  dropout: z.strictObject({ ...layer("dropout"), rate: z.number().min(0).lt(1), perSample: z.boolean() }),
  add: z.strictObject(layer("add")),
  multiply: z.strictObject(layer("multiply")),
};

const graphSchema = z.strictObject({
  name,
  layers: z.array(z.looseObject({ kind: z.string(), name })).min(1),
});

/** The graph as JSON text; the same graph gives the same text. */
export function encodeGraph({ name, layers }: Graph): string {
  return JSON.stringify({ name, layers });
}

/**
 * Reads what `encodeGraph` wrote, checked layer by layer, its shapes inferred anew.
 * @throws FerBenchError "bad-config" naming `file` and the layer where it is no graph that this version knows
 */
export function decodeGraph(json: unknown, file: string): Graph {
  const { name, layers } = parseConfig(graphSchema, json, file);
  const known = layers.map((given) => {
    const schema = Object.hasOwn(LAYER_SCHEMAS, given.kind)
      ? LAYER_SCHEMAS[given.kind as LayerKind]
      : undefined;
    if (schema === undefined) {
      throw new FerBenchError(
        "bad-config",
        `layers of the kind "${given.kind}" are not known to this version`,
        {
          file,
          field: given.name,
          remedy: "update @fer-bench/models",
        },
      );
    }
    return parseConfig<LayerOfKind<LayerKind>>(schema, given, `${file}#${given.name}`);
  });
  try {
    return defineGraph(name, known);
  } catch (cause) {
    throw new FerBenchError("bad-config", `its layers make no network: ${(cause as Error).message}`, {
      file,
      remedy: "get or write the file again",
      cause,
    });
  }
}
