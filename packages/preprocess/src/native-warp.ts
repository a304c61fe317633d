import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FerBenchError } from "@fer-bench/artifacts";
import type { Warp } from "./bicubic.ts";

const PEER = "@u4/opencv4nodejs";
/** What finds a built OpenCV for the peer, and prints what it finds while it is loaded. */
const PEER_BUILD = "@u4/opencv-build";

interface Mat {
  getData(): Buffer;
  warpAffine(map: Mat, size: object, flags: number, border: number): Mat;
}

/** Of the peer, what a warp takes. */
interface OpenCv {
  Mat: {
    new (data: Buffer, rows: number, columns: number, type: number): Mat;
    new (rows: readonly (readonly number[])[], type: number): Mat;
  };
  Size: new (width: number, height: number) => object;
  CV_8UC1: number;
  CV_8UC3: number;
  CV_64FC1: number;
  INTER_CUBIC: number;
  WARP_INVERSE_MAP: number;
  BORDER_REPLICATE: number;
}

/**
 * `warpBicubic` by a native OpenCV: the optional peer `@u4/opencv4nodejs`, as installed for this package, or as seen from
 * the folder `from`. Pixels are within one level of `warpBicubic`'s; a picture may have 32,766 pixels a side.
 *
 * @throws FerBenchError "unavailable" that says how to install or build the peer
 */
export function openNativeWarp(from?: string): Warp {
  const require = createRequire(from === undefined ? import.meta.url : pathToFileURL(resolve(from, "_")));
  const cv = load(require);
  const flags = cv.INTER_CUBIC | cv.WARP_INVERSE_MAP;
  return (image, [a, b, c, d, e, f], width, height) => {
    const { buffer, byteOffset, byteLength } = image.data;
    const pixels = Buffer.from(buffer, byteOffset, byteLength);
    const type = image.channels === 1 ? cv.CV_8UC1 : cv.CV_8UC3;
    const source = new cv.Mat(pixels, image.height, image.width, type);
    const map = new cv.Mat(
      [
        [a, b, c],
        [d, e, f],
      ],
      cv.CV_64FC1,
    );
    const warped = source.warpAffine(map, new cv.Size(width, height), flags, cv.BORDER_REPLICATE);
    return { width, height, channels: image.channels, data: new Uint8Array(warped.getData()) };
  };
}

function load(require: NodeJS.Require): OpenCv {
  let file: string;
  try {
    file = require.resolve(PEER);
  } catch (cause) {
    throw new FerBenchError("unavailable", "@u4/opencv4nodejs is not installed", {
      remedy:
        "install OpenCV 4 with its headers (Debian's libopencv-dev), then " +
        "OPENCV4NODEJS_DISABLE_AUTOBUILD=1 npm install @u4/opencv4nodejs; or use warpBicubic",
      cause,
    });
  }
  try {
    (createRequire(file)(PEER_BUILD) as { Log: { silence: boolean } }).Log.silence = true;
    return require(file) as OpenCv;
  } catch (cause) {
    const [why] = String(cause).split("\n", 1); // A module that is not found lists who required it.
    throw new FerBenchError("unavailable", `@u4/opencv4nodejs cannot be loaded: ${why}`, {
      remedy:
        "install OpenCV 4 with its headers (Debian's libopencv-dev), then " +
        "OPENCV4NODEJS_DISABLE_AUTOBUILD=1 npm rebuild @u4/opencv4nodejs; or use warpBicubic",
      cause,
    });
  }
}
