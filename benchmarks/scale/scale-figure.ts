import { drawFigure, type Figure, MUTED } from "@fer-bench/report";

/** What a stage took. */
export interface StageCost {
  readonly stage: string;
  /** Of all its threads. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface ScaleResult {
  readonly samples: number;
  readonly machine: string;
  /** Size of the largest file of all artifacts. */
  readonly largestFileBytes: number;
  readonly stages: readonly StageCost[];
}

const WIDTH = 330;
const HEIGHT = 240;
const TICKS = {
  cpuSeconds: [1, 3, 10, 30, 100, 300, 1000, 3000],
  peakMegabytes: [100, 200, 500, 1000, 2000, 5000],
};

/** Processor time and peak memory of every stage over the number of samples, both on logarithmic scales. */
export function scaleFigure(results: readonly ScaleResult[]): Promise<Figure> {
  const values = results.flatMap(({ samples, stages }) =>
    stages.map(({ stage, cpuSeconds, peakBytes }) => ({
      samples,
      stage,
      cpuSeconds,
      peakMegabytes: peakBytes / 1e6,
    })),
  );
  const order = results[0]?.stages.map(({ stage }) => stage) ?? [];
  const panel = (field: "cpuSeconds" | "peakMegabytes", title: string) => ({
    width: WIDTH,
    height: HEIGHT,
    title: { text: title, fontSize: 12.5, frame: "group" as const },
    mark: { type: "line" as const, strokeWidth: 2, point: { size: 40, filled: true } },
    encoding: {
      x: {
        field: "samples",
        type: "quantitative" as const,
        title: "Samples",
        scale: { type: "log" as const, nice: false, padding: 14 },
        axis: { grid: false, values: results.map(({ samples }) => samples), format: ",d" },
      },
      y: {
        field,
        type: "quantitative" as const,
        title: null,
        scale: { type: "log" as const, nice: false, padding: 10 },
        axis: { values: TICKS[field], gridOpacity: 0.7, domain: false, ticks: false, format: ",d" },
      },
      color: {
        field: "stage",
        type: "nominal" as const,
        scale: { domain: order, scheme: "tableau10" as const },
        legend: { orient: "bottom" as const, columns: 8, symbolType: "stroke", symbolStrokeWidth: 3 },
      },
    },
  });
  const sizes = results.map(({ samples }) => samples.toLocaleString("en-US")).join(", ");
  return drawFigure("scale", `Processor time and peak memory of every stage for ${sizes} samples.`, {
    title: {
      text: "What a stage takes, by the number of samples",
      subtitle: results[0]?.machine ?? "",
      subtitleColor: MUTED,
    },
    data: { values },
    hconcat: [panel("cpuSeconds", "Processor time (s)"), panel("peakMegabytes", "Peak memory (MB)")],
  });
}
