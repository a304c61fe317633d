import { expect, test } from "vitest";
import { readAudit } from "./audit.mjs";

/** As npm 10 prints it, `vulnerabilities` cut down to what is read. */
const report = (...severities: readonly string[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      severities.map((severity, i) => [`p${i}`, { name: `p${i}`, severity, range: "<2.0.0", via: [] }]),
    ),
    metadata: { vulnerabilities: { total: severities.length } },
  });

test("a high or critical vulnerability is bad, others are not", () => {
  expect(readAudit(report("low", "moderate", "info"))).toEqual({ had: true, bad: [] });
  expect(readAudit(report("low", "high", "critical"))).toEqual({
    had: true,
    bad: ["p1 <2.0.0: high", "p2 <2.0.0: critical"],
  });
});

test("no audit is told from a good one", () => {
  const refused = JSON.stringify({ message: "405 Method Not Allowed - POST", method: "POST" });
  expect(readAudit(refused)).toEqual({ had: false, why: "405 Method Not Allowed - POST" });
  const offline = JSON.stringify({ error: { code: "ENOTFOUND", summary: "request failed" } });
  expect(readAudit(offline)).toEqual({ had: false, why: "request failed" });
  expect(readAudit("")).toEqual({ had: false, why: "npm audit printed no JSON" });
});
