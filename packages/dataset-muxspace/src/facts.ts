import type { Importable } from "@fer-bench/datasets";

/** The commit whose archive is imported; its legend.csv is the one with 13,690 rows. */
export const COMMIT = "5bb08c2b32930d15df06dcb147ecadb8c3f7e556";

export const MUXSPACE: Importable & { readonly name: string } = {
  name: "muxspace",
  title: "muxspace/facial_expressions",
  howToImport:
    `Download https://github.com/muxspace/facial_expressions/archive/${COMMIT}.zip (Apache-2.0) and run: fer-bench ` +
    "datasets import muxspace <zip, or the folder unpacked from it>: data/legend.csv and images/",
};
