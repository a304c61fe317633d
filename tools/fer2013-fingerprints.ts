/**
 * Makes packages/dataset-fer2013/fingerprints.bin from the challenge's CSV: what the package knows FER-2013's
 * images by. The same CSV gives the same bytes.
 *
 *   npx tsx --conditions=@fer-bench/source tools/fer2013-fingerprints.ts <fer2013.csv, or packed>
 */
import { writeFile } from "node:fs/promises";
import { tableOfCsv } from "../packages/dataset-fer2013/src/build-table.ts";
import { findForm } from "../packages/dataset-fer2013/src/source-form.ts";
import { encodeTable } from "../packages/dataset-fer2013/src/table.ts";

const [source] = process.argv.slice(2);
const form = source === undefined ? undefined : await findForm(source);
if (source === undefined || form?.kind !== "csv")
  throw new Error("usage: fer2013-fingerprints.ts <fer2013.csv>");
const table = await tableOfCsv({ source, entry: form.entry });
const path = new URL("../packages/dataset-fer2013/fingerprints.bin", import.meta.url);
const bytes = encodeTable(table);
await writeFile(path, bytes);
process.stdout.write(`${path.pathname}: ${table.count} rows, ${bytes.length} bytes\n`);
