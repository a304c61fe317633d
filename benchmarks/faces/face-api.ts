/**
 * @vladmandic/face-api on TensorFlow.js's WebAssembly backend with SIMD. Neither is a dependency of the workspace: npm
 * installs them, the first time, into node_modules/.cache/fer-bench-face-api. The networks come with the package.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PixelImage } from "@fer-bench/datasets";

const PACKAGES = [
  "@vladmandic/face-api@1.7.15",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];
const folder = fileURLToPath(new URL("../../node_modules/.cache/fer-bench-face-api", import.meta.url));

/** A picture of TensorFlow.js. */
interface Picture {
  dispose(): void;
}

/** What is used of TensorFlow.js and face-api. */
interface Tensorflow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor3d(values: Uint8Array, shape: [number, number, number], type: "int32"): Picture;
}
interface Network {
  loadFromDisk(folder: string): Promise<void>;
}
interface LandmarkNetwork extends Network {
  /** Positions in the picture's pixels. */
  detectLandmarks(picture: Picture): Promise<{ readonly positions: readonly { x: number; y: number }[] }>;
}
interface FaceApi {
  readonly nets: {
    readonly tinyFaceDetector: Network;
    readonly ssdMobilenetv1: Network;
    readonly faceLandmark68Net: LandmarkNetwork;
    readonly faceLandmark68TinyNet: LandmarkNetwork;
  };
  TinyFaceDetectorOptions: new () => object;
  SsdMobilenetv1Options: new () => object;
  detectAllFaces(picture: Picture, options: object): PromiseLike<readonly unknown[]>;
}

/** face-api with the networks named, and how to show it an RGB picture. */
export async function openFaceApi(networks: readonly (keyof FaceApi["nets"])[]) {
  install();
  const require = createRequire(join(folder, "package.json"));
  const tensorflow: Tensorflow = require("@tensorflow/tfjs");
  require("@tensorflow/tfjs-backend-wasm");
  const faceApi: FaceApi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
  await tensorflow.setBackend("wasm");
  await tensorflow.ready();
  const models = join(folder, "node_modules/@vladmandic/face-api/model");
  for (const name of networks) await faceApi.nets[name].loadFromDisk(models);
  const show = async <T>({ width, height, data }: PixelImage, ask: (picture: Picture) => PromiseLike<T>) => {
    const picture = tensorflow.tensor3d(data, [height, width, 3], "int32");
    const answer = await ask(picture);
    picture.dispose();
    return answer;
  };
  return { faceApi, show };
}

function install(): void {
  if (existsSync(join(folder, "node_modules/@vladmandic/face-api/package.json"))) return;
  process.stderr.write(`installing ${PACKAGES.join(", ")} into ${folder}\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", ...PACKAGES], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("npm could not install them: the comparison needs the npm registry once");
}
