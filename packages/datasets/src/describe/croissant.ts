import type { Artifact, Column, ColumnType } from "@fer-bench/artifacts";
import type { DatasetEntry } from "../manifest.ts";
import type { DatasetSummary } from "../prepare.ts";
import { describeDataset, imagesOf } from "./words.ts";

/** A table of the data set that lies beside the metadata. */
export interface DescribedTable {
  /** Its record set's name: `records`, `faces`. */
  readonly name: string;
  readonly description: string;
  readonly file: Artifact["files"][number];
  readonly columns: readonly Column[];
  /** What a column says, by its name. */
  readonly words: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/** The standard context of Croissant 1.0 (docs/croissant-spec.md, appendix 1). */
const CONTEXT: Json = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  cr: "http://mlcommons.org/croissant/",
  rai: "http://mlcommons.org/croissant/RAI/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  examples: { "@id": "cr:examples", "@type": "@json" },
  extract: "cr:extract",
  field: "cr:field",
  fileProperty: "cr:fileProperty",
  fileObject: "cr:fileObject",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  parentField: "cr:parentField",
  path: "cr:path",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform",
};

const DATA_TYPES: Readonly<Record<ColumnType, string>> = {
  string: "sc:Text",
  int32: "sc:Integer",
  ints: "sc:Integer",
  float: "sc:Float",
  double: "sc:Float",
  floats: "sc:Float",
  boolean: "sc:Boolean",
};

/** Croissant's split of each of ours. */
const SPLIT_URLS: Readonly<Record<string, string>> = {
  train: "cr:TrainingSplit",
  validation: "cr:ValidationSplit",
  test: "cr:TestSplit",
};

/**
 * Croissant 1.0 metadata (http://mlcommons.org/croissant/1.0) of a data set: its archives where they can be downloaded,
 * its tables, classes and splits. What the manifest does not say is left out.
 */
export function croissant(
  name: string,
  entry: DatasetEntry,
  summary: DatasetSummary,
  tables: readonly DescribedTable[],
): Json {
  const { title, licence, citation, homepage, source, creators, published } = entry;
  const url = homepage ?? source.url;
  return {
    "@context": CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    name,
    alternateName: title,
    description: describeDataset(entry, summary),
    license: licence.url ?? licence.name,
    ...(url !== undefined && { url }),
    citeAs: citation,
    ...(creators.length > 0 && {
      creator: creators.map((who) => ({ "@type": "sc:Person", name: who })),
    }),
    ...(published !== undefined && { datePublished: published }),
    keywords: ["facial expression recognition", "image classification", ...entry.classes],
    isLiveDataset: false,
    distribution: [...archiveObjects(entry), ...tables.map(tableObject)],
    recordSet: [
      enumeration(
        "labels",
        "The classes.",
        "sc:Enumeration",
        ["name"],
        entry.classes.map((label) => [label]),
      ),
      enumeration(
        "splits",
        "The splits.",
        "cr:Split",
        ["name", "url"],
        Object.entries(summary.counts)
          .filter(([, counts]) => imagesOf(counts) > 0)
          .map(([split]) => [split, SPLIT_URLS[split]!]),
      ),
      ...tables.map(tableRecords),
    ],
  };
}

function archiveObjects({ archives }: DatasetEntry): Json[] {
  return archives.flatMap(({ file, urls, bytes, md5, sha256 }) =>
    urls.length === 0
      ? []
      : {
          "@type": "cr:FileObject",
          "@id": file,
          name: file,
          contentUrl: urls[0],
          ...(bytes !== undefined && { contentSize: `${bytes} B` }),
          encodingFormat: formatOf(file),
          ...(sha256 !== undefined && { sha256 }),
          ...(md5 !== undefined && { md5 }),
        },
  );
}

function formatOf(file: string): string {
  if (/\.zip$/i.test(file)) return "application/zip";
  if (/\.(tar\.gz|tgz)$/i.test(file)) return "application/x-tgz";
  if (/\.tar$/i.test(file)) return "application/x-tar";
  if (/\.csv$/i.test(file)) return "text/csv";
  return "application/octet-stream";
}

function tableObject({ description, file }: DescribedTable): Json {
  return {
    "@type": "cr:FileObject",
    "@id": file.path,
    name: file.path,
    description,
    contentUrl: file.path,
    contentSize: `${file.bytes} B`,
    encodingFormat: "application/x-parquet",
    sha256: file.sha256,
  };
}

function tableRecords({ name, description, file, columns, words }: DescribedTable): Json {
  return {
    "@type": "cr:RecordSet",
    "@id": name,
    name,
    description,
    key: { "@id": `${name}/id` },
    field: columns.map((column) => ({
      "@type": "cr:Field",
      "@id": `${name}/${column.name}`,
      name: column.name,
      ...(words[column.name] !== undefined && { description: words[column.name] }),
      dataType: DATA_TYPES[column.type],
      ...((column.type === "ints" || column.type === "floats") && { repeated: true }),
      ...(REFERENCES[column.name] && { references: { field: { "@id": REFERENCES[column.name] } } }),
      source: { fileObject: { "@id": file.path }, extract: { column: column.name } },
    })),
  };
}

const REFERENCES: Readonly<Record<string, string>> = { label: "labels/name", split: "splits/name" };

function enumeration(
  id: string,
  description: string,
  dataType: string,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
): Json {
  return {
    "@type": "cr:RecordSet",
    "@id": id,
    name: id,
    description,
    dataType,
    key: { "@id": `${id}/${fields[0]}` },
    field: fields.map((field) => ({
      "@type": "cr:Field",
      "@id": `${id}/${field}`,
      name: field,
      dataType: field === "url" ? "sc:URL" : "sc:Text",
    })),
    data: rows.map((row) => Object.fromEntries(fields.map((field, i) => [`${id}/${field}`, row[i]]))),
  };
}
