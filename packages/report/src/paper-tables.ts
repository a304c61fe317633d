/*
 * Tables 1 to 4 of R. Singh et al., "EfficientNet for Human FER Using Transfer Learning", as published. Every row is
 * checked against the paper's text by `node --import tsx tools/check-paper-tables.ts <text>`.
 */

export interface PaperTable {
  /** As in the paper. */
  number: 1 | 2 | 3 | 4;
  caption: string;
  /** Names of the data sets trained and tested on, as benchmarks call them. */
  source: string;
  target: string;
  /** What these are called in print. */
  titles: { source: string; target: string };
  rows: readonly PaperRow[];
  /** What the paper does not say, or what its numbers fit. */
  remarks: readonly string[];
}

export interface PaperRow {
  method: string;
  /** Where the table gives one. */
  backbone: string | null;
  /** A share between 0 and 1. */
  accuracy: number;
  /** Number in the paper's references; the paper's own method has none. */
  reference: number | null;
}

const SPLITS = "The paper states neither n nor the split that the numbers were selected on.";
const OURS = "MoEffNet";

export const PAPER_TABLES: readonly PaperTable[] = [
  {
    number: 1,
    caption: "Trained model comparison on RAF-DB",
    source: "raf-db",
    target: "raf-db",
    titles: { source: "RAF-DB", target: "RAF-DB" },
    rows: [
      { method: "MRE-CNN", backbone: "VGG16", accuracy: 0.8263, reference: 19 },
      { method: "FSN", backbone: "AlexNet", accuracy: 0.811, reference: 20 },
      { method: "RAN", backbone: "ResNet-18", accuracy: 0.869, reference: 21 },
      { method: "SCN", backbone: "ResNet-18", accuracy: 0.8703, reference: 22 },
      { method: "Ad-Corre", backbone: "Xception", accuracy: 0.8696, reference: 30 },
      { method: OURS, backbone: "EfficientNet-B0", accuracy: 0.8168, reference: null },
    ],
    remarks: [SPLITS, "The abstract gives 81.68% for DFEW, the table for RAF-DB."],
  },
  {
    number: 2,
    caption: "Trained model comparison on FER-2013",
    source: "fer2013",
    target: "fer2013",
    titles: { source: "FER-2013", target: "FER-2013" },
    rows: [
      { method: "ECNN", backbone: "VGG16", accuracy: 0.6996, reference: 23 },
      { method: "Ron et al.", backbone: "AlexNet", accuracy: 0.721, reference: 24 },
      { method: "Pat-ResNet", backbone: "ResNet-18", accuracy: 0.72, reference: 25 },
      { method: "Pat-VGGNet", backbone: "VGG-16", accuracy: 0.7216, reference: 25 },
      { method: "LHC-Net", backbone: "ResNet34v2", accuracy: 0.7442, reference: 31 },
      { method: OURS, backbone: "EfficientNet-B0", accuracy: 0.7102, reference: null },
    ],
    remarks: [SPLITS],
  },
  {
    number: 3,
    caption: "Trained model cross dataset comparison on CK+",
    source: "raf-db",
    target: "ck-plus",
    titles: { source: "RAF-DB", target: "CK+" },
    rows: [
      { method: "CNN-Li", backbone: null, accuracy: 0.78, reference: 32 },
      { method: OURS, backbone: null, accuracy: 0.7859, reference: null },
    ],
    remarks: [SPLITS, "78.59% is 257 of 327, the number of CK+ sequences that carry a label."],
  },
  {
    number: 4,
    caption: "Trained model cross dataset comparison on FER-2013",
    source: "raf-db",
    target: "fer2013",
    titles: { source: "RAF-DB", target: "FER-2013" },
    rows: [
      { method: "CNN-Li", backbone: null, accuracy: 0.5538, reference: 32 },
      { method: OURS, backbone: null, accuracy: 0.561, reference: null },
    ],
    remarks: [
      SPLITS,
      "No whole number of 3,589 test images gives 56.10%; 4,027 of 7,178, both held-out splits together, do.",
    ],
  },
];

/** The data sets that the tables are of, once each. */
export const PAPER_DATA_SETS: readonly { name: string; title: string }[] = [
  ...new Map(
    PAPER_TABLES.flatMap(({ source, target, titles }) => [
      [source, titles.source] as const,
      [target, titles.target] as const,
    ]),
  ),
].map(([name, title]) => ({ name, title }));
