/*
 * Tables 1 to 4 of R. Singh et al., "EfficientNet for Human FER Using Transfer Learning", as published. Every row is
 * checked against the paper's text by tools/check-paper-tables.ts; paper-tables.test.ts holds the benchmarks to these.
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

/** Works that the tables quote, by their number in the paper's references. */
export const PAPER_REFERENCES: Readonly<Record<number, string>> = {
  19: "Y. Fan et al., Multi-Region Ensemble Convolutional Neural Network for Facial Expression Recognition, ICANN 2018",
  20: "S. Zhao et al., Feature Selection Mechanism in CNNs for Facial Expression Recognition, 2018",
  21: "K. Wang et al., Region Attention Networks for Pose and Occlusion Robust Facial Expression Recognition, IEEE Transactions on Image Processing 29, 2020",
  22: "K. Wang et al., Suppressing Uncertainties for Large-Scale Facial Expression Recognition, CVPR 2020",
  23: "G. Wen et al., Ensemble of Deep Neural Networks with Probability-Based Fusion for Facial Expression Recognition, Cognitive Computing 9, 2017",
  24: "R. Breuer and R. Kimmel, A Deep Learning Perspective on the Origin of Facial Expressions, 2017",
  25: "J. Cai et al., Probabilistic Attribute Tree in Convolutional Neural Networks for Facial Expression Recognition, 2017",
  30: "A. P. Fard and M. H. Mahoor, Ad-Corre: Adaptive Correlation-Based Loss for Facial Expression Recognition in the Wild, IEEE Access 10, 2022",
  31: "R. Pecoraro et al., Local Multi-Head Channel Self-Attention for Facial Expression Recognition, 2021",
  32: "S. Li and W. Deng, A Deeper Look at Facial Expression Dataset Bias, IEEE Transactions on Affective Computing 13(2), 2020",
};

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
