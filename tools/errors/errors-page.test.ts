import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorSites } from "./error-sites.ts";
import { ERRORS_PAGE, errorsPage } from "./errors-page.ts";

it("docs/errors.md lists the errors that the source makes", () => {
  expect(readFileSync(ERRORS_PAGE, "utf8"), "run tools/errors/errors-page.ts and commit what it writes").toBe(
    errorsPage(),
  );
});

it("reads every call, whatever its message is made of", () => {
  const sites = errorSites();
  expect(sites.length).toBeGreaterThan(200);
  // Where neither stands in the call, the function around it says them, or hands another error on.
  const handedOn = sites.filter(({ code }) => code === undefined).map(({ file }) => file);
  expect(handedOn).toEqual([
    "packages/cli/src/photographs/each-photograph.ts",
    "packages/datasets/src/archives/archive-error.ts",
    "packages/preprocess/src/cut-faces.ts",
    "packages/preprocess/src/cut-threads.ts",
    "packages/train/src/grid.ts",
  ]);
  expect(sites).toContainEqual({
    package: "artifacts",
    file: "packages/artifacts/src/config.ts",
    code: "bad-config",
    message: 'unknown key "…"',
    remedy: 'did you mean "…"? / remove it…',
  });
});

it("says what to do in every error that a user can meet", () => {
  const without = errorSites().filter(
    ({ code, remedy }) => code !== undefined && code !== "internal" && remedy === undefined,
  );
  expect(without.map(({ file, message }) => `${file}: ${message}`)).toEqual([]);
});
