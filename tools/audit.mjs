// Fails where a dependency that users get (not those of development) has a known vulnerability that is high or critical.
// The registry is asked by `npm audit`; where it answers no such question, or nothing can be reached, that is said, and
// nothing was checked. With FER_BENCH_REQUIRE=1 an audit has to be had.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * What an audit came to, by the JSON that `npm audit --json` (npm 7 and later) printed.
 * @param {string} stdout
 * @returns {{ had: false, why: string } | { had: true, bad: string[] }}
 */
export function readAudit(stdout) {
  let report;
  try {
    report = JSON.parse(stdout);
  } catch {
    return { had: false, why: "npm audit printed no JSON" };
  }
  if (report.metadata?.vulnerabilities === undefined) {
    return { had: false, why: report.message ?? report.error?.summary ?? "npm audit gave no report" };
  }
  const bad = Object.values(report.vulnerabilities ?? {})
    .filter(({ severity }) => severity === "high" || severity === "critical")
    .map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
  return { had: true, bad };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { encoding: "utf8" });
  const audit = readAudit(stdout ?? "");
  if (!audit.had) {
    console.warn(`No audit of the dependencies could be had, so none was made: ${audit.why}`);
    if (process.env.FER_BENCH_REQUIRE === "1") process.exitCode = 1;
  } else if (audit.bad.length > 0) {
    console.error(
      `Known vulnerabilities in what users get:\n${audit.bad.map((line) => ` - ${line}`).join("\n")}`,
    );
    process.exitCode = 1;
  } else {
    console.log("No dependency that users get has a known vulnerability that is high or critical.");
  }
}
