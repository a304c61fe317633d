import { readFile } from "node:fs/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { ModelProtoSchema } from "onnx-buf";
import { z } from "zod";
import { jsonOf } from "../weights/model-file.ts";
import type { Classifier } from "./classifier.ts";
import { readMetadata } from "./classifier-metadata.ts";

/** A finished classifier as ONNX Runtime runs it, with what `lowerClassifier` wrote beside the network. */
export interface OnnxClassifier extends Pick<Classifier, "classes" | "input" | "card"> {
  /** The bytes of its file. */
  readonly onnx: Uint8Array;
}

const side = z.int().positive();
const portSchema = z.looseObject({
  type: z.literal("uint8"),
  shape: z.tuple([z.union([z.string(), side]), side, side, z.union([z.literal(1), z.literal(3)])]),
});

/**
 * Reads an ONNX file that `lowerClassifier` wrote.
 * @throws FerBenchError naming the file: "missing"; "bad-artifact" where it is no ONNX; "bad-config" where it is no
 * classifier of ours
 */
export async function readOnnxClassifier(path: string): Promise<OnnxClassifier> {
  const onnx = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new FerBenchError("missing", `the classifier cannot be read: ${cause.code}`, {
      file: path,
      remedy: "check the path",
      cause,
    });
  });
  const metadata = metadataOf(onnx, path);
  const about = readMetadata(metadata, path);
  const { shape } = parseConfig(portSchema, jsonOf(metadata, "input", path), `${path}#input`);
  const [, height, width, channels] = shape;
  return { ...about, input: { height, width, channels }, onnx };
}

function metadataOf(onnx: Uint8Array, file: string): Record<string, string> {
  try {
    const { metadataProps, graph } = fromBinary(ModelProtoSchema, onnx);
    if (graph === undefined) throw new Error("it holds no graph");
    return Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  } catch (cause) {
    throw new FerBenchError("bad-artifact", `this is no whole ONNX file: ${(cause as Error).message}`, {
      file,
      remedy: "get or write the file again",
      cause,
    });
  }
}
