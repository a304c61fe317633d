import { open } from "node:fs/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import { howToConvert } from "./how-to-convert.ts";
import { openKerasFile } from "./keras-file.ts";
import { openSafetensorsFile } from "./safetensors-file.ts";
import type { Tensor } from "./weights.ts";

/** A file of weights: what it holds is known when it is opened, numbers are read when asked for. */
export interface TensorFile {
  readonly path: string;
  readonly format: "hdf5" | "safetensors";
  /** Every tensor by its name; of an HDF5 file `layer/parameter`, as Keras names them. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * One tensor as float32, rounded to the nearest where the file is finer. Errors: FerBenchError ("bad-data") where the
   * file does not hold those numbers, or one of them is no finite number.
   */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

export interface TensorInfo {
  shape: readonly number[];
  /** In safetensors' words (`F32`, `I64` ...); of HDF5 also other things that are no numbers, in words. */
  type: string;
}

/**
 * Opens a file of weights, recognised by what is in it and not by its name: Keras's HDF5 (weights, or a whole model)
 * and safetensors. Errors: FerBenchError, "missing" where there is no such file, "bad-data" where it is damaged, or of
 * a format that has to be converted first; the remedy says how.
 */
export async function openTensorFile(path: string): Promise<TensorFile> {
  const { head, size } = await readHead(path);
  if (isHdf5(head)) return openKerasFile(path);
  if (isSafetensors(head, size)) return openSafetensorsFile(path);
  const [message, remedy] = describeOther(head, size);
  throw new FerBenchError("bad-data", message, { file: path, remedy });
}

/** Enough for HDF5's signature behind a user block, and for a web page to be told by its first words. */
const HEAD_BYTES = 4096;

async function readHead(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      return { head: head.subarray(0, bytesRead), size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const isFolder = (cause as NodeJS.ErrnoException).code === "EISDIR";
    throw new FerBenchError(
      "missing",
      isFolder ? "a file of weights is expected, this is a folder" : "the weights file cannot be read",
      {
        file: path,
        remedy: isFolder
          ? "name the file; a SavedModel has to be saved as HDF5 first: model.save('weights.h5')"
          : "check the path",
        cause,
      },
    );
  }
}

/** HDF5's signature stands at byte 0, 512, 1024, 2048 ... (behind a user block). */
function isHdf5(head: Buffer): boolean {
  return [0, 512, 1024, 2048].some((at) => head.toString("latin1", at, at + 8) === "\x89HDF\r\n\x1a\n");
}

/** A header of JSON behind its length. */
function isSafetensors(head: Buffer, size: number): boolean {
  return head.length > 8 && head[8] === 0x7b && head.readBigUInt64LE() <= BigInt(size);
}

const FROM_PYTORCH = howToConvert("it");
const FROM_KERAS = 'save it as HDF5 in Python: keras.models.load_model("FILE.keras").save("FILE.h5")';
const FROM_TENSORFLOW =
  'save it as HDF5 in Python: build the model, model.load_weights("FILE"), model.save("FILE.h5")';

/** Python's pickle begins with this byte and its version. */
const PICKLE = 0x80;

/** What the file is instead, and what to do. */
function describeOther(head: Buffer, size: number): [message: string, remedy: string] {
  const text = head.toString("latin1");
  const starts = (...words: readonly string[]) =>
    words.some((word) => text.trimStart().toLowerCase().startsWith(word));
  if (size === 0) return ["the file is empty", "get it again"];
  if (text.startsWith("PK\x03\x04")) {
    return /data\.pkl|archive\//.test(text)
      ? ["this is PyTorch's own format (a zip with pickled objects)", FROM_PYTORCH]
      : ["this is a zip archive, as Keras 3 writes .keras files", FROM_KERAS];
  }
  if (head[0] === PICKLE && head[1]! >= 2 && head[1]! <= 5) {
    return ["this is PyTorch's old format (pickled objects)", FROM_PYTORCH];
  }
  if (starts("<!doctype", "<html", "<?xml")) {
    return ["this is a web page, not a file of weights", "download the file itself"];
  }
  if (starts("version https://git-lfs")) {
    return ["this is Git LFS's pointer to a file, not the file", "get the file itself: git lfs pull"];
  }
  if (starts("model_checkpoint_path")) {
    return ["this names a TensorFlow checkpoint and holds no weights", FROM_TENSORFLOW];
  }
  if (text.startsWith("\x1f\x8b")) return ["this is compressed by gzip", "unpack it first: gunzip FILE"];
  return [
    "this is neither HDF5 nor safetensors",
    `give weights in one of these. Of PyTorch's files: ${FROM_PYTORCH}. Of a TensorFlow checkpoint: ${FROM_TENSORFLOW}`,
  ];
}
