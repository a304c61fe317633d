/* Before npm packs a package (its "prepack", in its folder): what was built of files that are gone goes, too. */
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
