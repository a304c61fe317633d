/** What a stage says while it works; the command line draws it, a library caller may ignore it. */
export interface Progress {
  /** Begins a counted piece of work; `total` is undefined when unknown. */
  start(task: string, total: number | undefined, unit: string): ProgressTask;
  /** A line that should stay: a warning, a decision, a result. */
  note(line: string, level?: "info" | "warning"): void;
}

export interface ProgressTask {
  /** `done` units so far; `status` is short text such as "loss 1.23". */
  update(done: number, status?: string): void;
  end(status?: string): void;
}

/** Says nothing. */
export const silent: Progress = {
  start: () => ({ update() {}, end() {} }),
  note() {},
};
