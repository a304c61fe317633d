import type { Progress } from "@fer-bench/artifacts";
import cliProgress from "cli-progress";

/** How often a plain line comes where there is no terminal to draw a bar in. */
const LINE_EVERY_MS = 10_000;

/** Draws progress: a bar with rate and ETA in a terminal, else now and then a plain line. All on stderr. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    start: (task, total, unit) =>
      stream.isTTY && total !== undefined ? bar(stream, task, total, unit) : lines(stream, task, total, unit),
    note(line, level = "info") {
      stream.write(level === "warning" ? `warning: ${line}\n` : `${line}\n`);
    },
  };
}

function bar(stream: NodeJS.WriteStream, task: string, total: number, unit: string) {
  const started = performance.now();
  const view = new cliProgress.SingleBar(
    {
      stream,
      hideCursor: true,
      fps: 8,
      format: (options, params, { status = "" }) => {
        const rate = params.value / Math.max(0.001, (performance.now() - started) / 1000);
        const share = cliProgress.Format.BarFormat(params.progress, options);
        return `${task} ${share} ${params.value}/${total} ${unit}  ${describeRate(rate, unit)}  ${describeEta(rate, total - params.value)}  ${status}`;
      },
    },
    cliProgress.Presets.shades_classic,
  );
  view.start(total, 0);
  return {
    update: (done: number, status?: string) =>
      view.update(done, status === undefined ? undefined : { status }),
    end(status?: string) {
      view.update(total, status === undefined ? undefined : { status });
      view.stop();
    },
  };
}

function lines(stream: NodeJS.WriteStream, task: string, total: number | undefined, unit: string) {
  const started = performance.now();
  let shown = started;
  let last = 0;
  let lastStatus: string | undefined;
  const rateAt = (now: number): number => last / Math.max(0.001, (now - started) / 1000);
  return {
    update(done: number, status?: string) {
      last = done;
      lastStatus = status;
      const now = performance.now();
      if (now - shown < LINE_EVERY_MS) return;
      shown = now;
      const rate = rateAt(now);
      const of = total === undefined ? "" : `/${total}`;
      const eta = total === undefined ? "" : `, ${describeEta(rate, total - done)}`;
      stream.write(
        `${task}: ${done}${of} ${unit}, ${describeRate(rate, unit)}${eta}${status ? `, ${status}` : ""}\n`,
      );
    },
    end(status = lastStatus) {
      const now = performance.now();
      const seconds = ((now - started) / 1000).toFixed(1);
      stream.write(
        `${task}: ${last} ${unit} in ${seconds} s, ${describeRate(rateAt(now), unit)}${status ? `, ${status}` : ""}\n`,
      );
    },
  };
}

function describeRate(rate: number, unit: string): string {
  const digits = rate >= 10 ? 0 : 2;
  return `${rate.toFixed(digits)} ${unit}/s`;
}

function describeEta(rate: number, left: number): string {
  if (rate <= 0) return "ETA ?";
  const seconds = Math.round(left / rate);
  return `ETA ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
