import type { PublishedFile } from "@fer-bench/artifacts";

/** A shape predictor that dlib publishes: a `.dat` file, packed by bzip2. */
export interface PublishedLandmarks {
  /** How fer-bench calls it. */
  readonly name: string;
  readonly points: 5 | 68;
  readonly packed: PublishedFile;
  readonly file: PublishedFile;
  /** What its author says of its use. */
  readonly licence: string;
  /** Whether a person has to agree to that before it is downloaded. */
  readonly restricted: boolean;
}

/** Both places have the same bytes. */
const addresses = (name: string) => [
  `http://dlib.net/files/${name}`,
  `https://github.com/davisking/dlib-models/raw/master/${name}`,
];

/**
 * The licences are those of the README of github.com/davisking/dlib-models. The sums of the 68-point `.dat` file are
 * those of Debian's libdlib-data 19.24+dfsg-1; the others are those that the AUR's package howdy, among others, checks
 * these downloads by.
 */
export const PUBLISHED_LANDMARKS: readonly PublishedLandmarks[] = [
  {
    name: "dlib-5-points",
    points: 5,
    packed: {
      name: "shape_predictor_5_face_landmarks.dat.bz2",
      urls: addresses("shape_predictor_5_face_landmarks.dat.bz2"),
      checksum: { sha256: "6e787bbebf5c9efdb793f6cd1f023230c4413306605f24f299f12869f95aa472" },
    },
    file: {
      name: "shape_predictor_5_face_landmarks.dat",
      urls: [],
      checksum: { sha256: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888" },
      bytes: 9_150_489,
    },
    licence:
      "Davis King has released this file, trained on pictures that he labelled himself, into the public domain.",
    restricted: false,
  },
  {
    name: "dlib-68-points",
    points: 68,
    packed: {
      name: "shape_predictor_68_face_landmarks.dat.bz2",
      urls: addresses("shape_predictor_68_face_landmarks.dat.bz2"),
      checksum: { sha256: "7d6637b8f34ddb0c1363e09a4628acb34314019ec3566fd66b80c04dda6980f5" },
      bytes: 64_040_097,
    },
    file: {
      name: "shape_predictor_68_face_landmarks.dat",
      urls: [],
      checksum: { sha256: "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f" },
      bytes: 99_693_937,
    },
    licence: [
      "This file is trained on the iBUG 300-W data set, whose licence excludes commercial use; Stefanos Zafeiriou, one",
      "of its creators, has asked for the note that the trained model therefore cannot be used in a commercial product.",
      "Imperial College London, or a lawyer, can say whether yours may use it.",
    ].join("\n"),
    restricted: true,
  },
];
