/*
 * Writes docs/errors.md: every error that a user can meet, from the source that makes it.
 *
 *   node --conditions=@fer-bench/source --import tsx tools/errors/errors-page.ts
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ErrorCode, EXIT_STATUS, escapeMarkdown } from "@fer-bench/artifacts";
import { ERROR_CASES, NOT_BY_TYPING } from "./cases.ts";
import { type ErrorSite, errorSites } from "./error-sites.ts";

export const ERRORS_PAGE = fileURLToPath(new URL("../../docs/errors.md", import.meta.url));

/** What each code means, and what to do where an error says nothing better. A code without a line does not compile. */
const CODES: Readonly<Record<ErrorCode, readonly [meaning: string, remedy: string]>> = {
  "bad-config": [
    "a file that you write, or a flag, is not as it should be",
    "correct the field that the error names",
  ],
  "bad-data": [
    "raw data, a picture or a file of weights is not what it should be",
    "get the file again from where it came from, as it is handed out",
  ],
  "bad-artifact": [
    "what a stage wrote is missing, damaged, or of another run",
    "delete the stage's folder and run it again",
  ],
  missing: [
    "something is not there that you have to supply, or a stage before",
    "put it where the error says",
  ],
  unavailable: [
    "an optional library, a device, the network, disk or memory is not there",
    "install or free what the error names, or do without it",
  ],
  diverged: [
    "training left the numbers that make sense",
    "lower the learning rate, or look for odd values in the data",
  ],
  busy: ["another run holds what this one needs", "wait for it, or end it"],
  interrupted: [
    "a signal, such as Ctrl-C, stopped the command; it ends with the signal's status",
    "run the same command again",
  ],
  internal: ["a fault of fer-bench itself", "report it with the lines it prints"],
};

/** The page, as Markdown. */
export function errorsPage(): string {
  const sites = errorSites().filter(({ code }) => code !== "internal");
  const raised = new Set(ERROR_CASES.map(({ from, message }) => `packages/${from}: ${message}`));
  const isRaised = ({ file, message }: ErrorSite) => raised.has(`${file}: ${message}`);
  const codes = (Object.keys(CODES) as ErrorCode[]).filter((code) =>
    sites.some((site) => site.code === code),
  );
  const lines = [
    "# Errors",
    "",
    "Every error says what is wrong, the file and the field, and what to do; `fer-bench` prints it on stderr and ends with",
    "the status of its code. Programs find the same in a `FerBenchError`: `code`, `message`, `file`, `field`, `remedy`.",
    `Here are all ${sites.length} that the packages make, \`…\` standing for what is filled in; an empty message or remedy is filled`,
    "in as a whole, by what was found and by what the data set's or backbone's own instructions are.",
    `The ${sites.filter(isRaised).length} marked ✓ are raised through the command line, remedy and exit status included, by`,
    "`tools/errors/every-error.test.ts`: one at least of every code of every package. This page is written by",
    "`tools/errors/errors-page.ts`, and a test fails where it is not what the source says.",
    "",
    "| code | exit status | meaning | in general |",
    "| :-- | --: | :-- | :-- |",
    ...codes.map((code) => `| \`${code}\` | ${EXIT_STATUS[code]} | ${CODES[code].join(" | ")} |`),
    `| \`internal\` | ${EXIT_STATUS.internal} | ${CODES.internal.join(" | ")} |`,
  ];
  for (const code of codes) {
    const own = sites.filter((site) => site.code === code);
    lines.push("", `## ${code}`, "", "| message | what to do | from | ✓ |", "| :-- | :-- | :-- | :-: |");
    for (const site of own) {
      const cells = [site.message, site.remedy ?? ""].map(escapeMarkdown);
      const from = site.file.replace(/^packages\//, "").replace("/src/", " · ");
      lines.push(`| ${[...cells, from, isRaised(site) ? "✓" : ""].join(" | ")} |`);
    }
  }
  const passed = sites.filter(({ code }) => code === undefined);
  lines.push("", "## Handed on", "", "These say more of another error, with its code and remedy:");
  lines.push("", ...passed.map(({ file, message }) => `- ${escapeMarkdown(message) || "…"} (${file})`));
  lines.push("", "## Not by typing", "", "No command raises these kinds:", "");
  lines.push(...Object.entries(NOT_BY_TYPING).map(([kind, why]) => `- ${kind}: ${why}.`));
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ERRORS_PAGE, errorsPage());
