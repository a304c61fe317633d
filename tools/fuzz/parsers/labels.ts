import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readTable } from "@fer-bench/datasets";
import fc from "fast-check";
import {
  countActionUnits,
  parseLandmarks as parseCkPlusLandmarks,
  parseEmotion,
} from "../../../packages/dataset-ck-plus/src/frame-files.ts";
import { openCsv } from "../../../packages/dataset-fer2013/src/csv.ts";
import { COLUMNS } from "../../../packages/dataset-ferplus/src/facts.ts";
import { parseVotes } from "../../../packages/dataset-ferplus/src/votes.ts";
import { foldersOptions } from "../../../packages/dataset-folders/src/options.ts";
import { readLayout } from "../../../packages/dataset-folders/src/read-layout.ts";
import { readLegend } from "../../../packages/dataset-muxspace/src/legend.ts";
import { parseBox, parseLandmarks } from "../../../packages/dataset-raf-db/src/annotations.ts";
import { checkLabelList, parseLabelList } from "../../../packages/dataset-raf-db/src/label-list.ts";
import { oddTable } from "../odd-table.ts";
import type { Parser } from "../parser.ts";
import { drain } from "./examples.ts";

const text = (...lines: readonly string[]) => Buffer.from(`${lines.join("\n")}\n`);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${(i * 37) % 256}`);

/** Tables and label files, as the data sets have them. */
export const labels: readonly Parser[] = [
  {
    name: "FER-2013: fer2013.csv",
    file: "fer2013.csv",
    examples: async () => [
      text(
        "emotion,pixels,Usage",
        `0,${numbers(2304).join(" ")},Training`,
        `6,${numbers(2304).join(" ")},PrivateTest`,
      ),
      text("emotion, Usage, pixels", `"3"," PublicTest","${numbers(2304).join(" ")}"`),
    ],
    grammar: () =>
      oddTable(
        ["emotion", "pixels", "Usage"],
        [
          ["0", "6", "7"],
          [numbers(2304).join(" "), numbers(2303).join(" "), numbers(2305).join("  ")],
          ["Training", "PublicTest"],
        ],
      ),
    async read({ bytes, path }) {
      const { rows } = await openCsv(inChunks(bytes, 700), path, "fer2013.csv");
      return drain(rows);
    },
  },
  {
    name: "FER+: fer2013new.csv",
    file: "fer2013new.csv",
    examples: async () => [
      text(
        `Usage,Image name,${COLUMNS.join(",")}`,
        "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0",
        "PrivateTest,,0,10,0,0,0,0,0,0,0,0",
      ),
    ],
    grammar: () =>
      oddTable(
        ["Usage", "Image name", ...COLUMNS],
        [["Training", "PublicTest"], ["fer0000000.png"], ...COLUMNS.map(() => ["0", "1", "10"])],
      ),
    read: ({ bytes, path }) => parseVotes(bytes, path, 2),
  },
  {
    name: "RAF-DB: list_patition_label.txt",
    file: "list_patition_label.txt",
    examples: async () => [
      text(
        ...[1, 2, 3, 4, 5, 6, 7].flatMap((code) => [
          `train_0000${code}.jpg ${code}`,
          `test_000${code}.jpg ${code}`,
        ]),
      ),
    ],
    grammar: () =>
      oddTable(
        [],
        [
          ["train_00001.jpg", "test_0001.jpg", "train_2.jpg"],
          ["1", "7", "8"],
        ],
        " ",
      ),
    read({ bytes, path }) {
      checkLabelList(parseLabelList(bytes.toString("utf8"), path), path);
    },
  },
  {
    name: "RAF-DB: Annotation/*.txt",
    file: "train_00001_boundingbox.txt",
    examples: async () => [
      Buffer.from("10.5 20.25 90 100 \n"),
      text("30 40", "60 40", "45 55", "35 70", "55 70", "1", "0", "2"),
    ],
    grammar: () =>
      oddTable(
        [],
        [
          ["1", "20", "3.5e1"],
          ["4", "50"],
        ],
        " ",
      ),
    read({ bytes, path }) {
      const content = bytes.toString("utf8");
      if (content.trim().split(/\s+/).length > 4) parseLandmarks(content, path);
      else parseBox(content, path);
    },
  },
  {
    name: "CK+: Emotion, Landmarks, FACS",
    file: "S005_001_00000011_emotion.txt",
    examples: async () => [
      Buffer.from("   3.0000000e+00\n"),
      text(...Array.from({ length: 68 }, (_, i) => `   ${i}.5e+00   ${2 * i}.25e+00`)),
      text("   1.0000000e+00   4.0000000e+00", "   2.0000000e+00   0.0000000e+00"),
    ],
    grammar: () =>
      oddTable(
        [],
        [
          ["1.0e+00", "7", "8"],
          ["0", "5"],
        ],
        "   ",
      ),
    read({ bytes, path }) {
      const content = bytes.toString("utf8");
      const count = content.trim().split(/\s+/).length;
      if (count === 1) parseEmotion(content, path);
      else if (count > 60) parseCkPlusLandmarks(content, path);
      else countActionUnits(content, path);
    },
  },
  {
    name: "muxspace: legend.csv",
    file: "legend.csv",
    examples: async () => [
      text(
        "user.id,image,emotion",
        "628,facial-expressions_2868588k.jpg,anger",
        "1,a_1.jpg,HAPPINESS",
        "2,a_1.jpg,sad",
      ),
    ],
    grammar: () =>
      oddTable(
        ["user.id", "image", "emotion"],
        [
          ["1", "628"],
          ["a.jpg", "b_1.jpg"],
          ["anger", "HAPPY", "what"],
        ],
      ),
    read: ({ bytes, path }) => readLegend(bytes, path),
  },
  {
    name: "folders: a table of pictures",
    file: "labels.csv",
    onDisk: true,
    async prepare(folder) {
      for (const name of ["a.png", "b.png"]) await writeFile(join(folder, name), "");
    },
    examples: async () => [
      text("image,label,split,subject", "a.png,happy,train,x", "b.png,sad,test,y"),
      text("image,label,left,top,width,height", "a.png,happy,1,2,30,40", "b.png,0,1,2,3,4"),
    ],
    grammar: () =>
      oddTable(
        ["image", "label", "split", "subject", "left", "top", "width", "height"],
        [
          ["a.png", "b.png"],
          ["happy", "sad"],
          ["train", "test", "validation"],
          ["x", ""],
          ["1"],
          ["2"],
          ["30"],
          ["40"],
        ],
      ),
    read: ({ path }) => readLayout(path, foldersOptions.parse({ layout: "csv" })),
  },
  {
    name: "any CSV",
    file: "any.csv",
    examples: async () => [text("a,b,c", '1,"2 ""x""",3', '4,"5\n6",7')],
    grammar: () =>
      fc.oneof(oddTable(["a", "b"], [["1", '"2"'], ["3"]]), oddTable(["a", "b"], [["1"], ["3"]], ";")),
    read: ({ bytes, path }) => readTable(bytes, path, ["a"]),
  },
];

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
