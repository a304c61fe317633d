export { CLASSES, PUBLISHED_CSVS, SPLIT_OF_USAGE, USAGES, type Usage } from "./facts.ts";
export { type Fer2013Options, fer2013 as default, fer2013, fer2013Of } from "./fer2013.ts";
export { decodeTable, encodeTable, fer2013Table, type RowTable } from "./table.ts";
