import { constants } from "node:os";
import { expect, it } from "vitest";
import { describeError, EXIT_STATUS, FerBenchError } from "./errors.ts";

it("describes what, where and the remedy, each on its line", () => {
  const error = new FerBenchError("bad-data", "a row is short", {
    file: "fer2013.csv",
    field: "row 17",
    remedy: "get the file again",
  });
  expect(describeError(error)).toBe(
    "a row is short\n  file:   fer2013.csv\n  field:  row 17\n  remedy: get the file again",
  );
});

it("leaves out what is not known", () => {
  const error = new FerBenchError("internal", "this should not be");
  expect(describeError(error)).toBe("this should not be");
  expect("cause" in error).toBe(false);
});

it("shows control characters of data, which would steer the terminal, by their numbers", () => {
  const error = new FerBenchError("bad-data", "a\u001b[2J\nb", { file: "c\rd", field: "\u009b31m" });
  expect(describeError(error)).toBe("a\\x1b[2J\nb\n  file:   c\\x0dd\n  field:  \\x9b31m");
});

it("is an Error with a code, a name and the cause it was given", () => {
  const cause = new Error("disk");
  const error = new FerBenchError("missing", "m", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "FerBenchError", code: "missing", message: "m", cause });
});

it("has a failing exit status for every code, and the shell's for Ctrl-C", () => {
  const { interrupted, ...others } = EXIT_STATUS;
  expect(interrupted).toBe(128 + constants.signals.SIGINT);
  for (const status of Object.values(others)) {
    expect(status).toBeGreaterThan(0);
    expect(status).toBeLessThan(126);
  }
});
