import { FerBenchError, type Progress } from "@fer-bench/artifacts";
import { mostProbable } from "@fer-bench/metrics";
import {
  classifierHead,
  createPredictor,
  type EngineChoice,
  type Graph,
  joinGraphs,
  type Model,
  outputShape,
  parametersOf,
  randomWeights,
  type Weights,
} from "@fer-bench/models";
import { createBatchSource, type TrainingBatch } from "../augment/batch-source.ts";
import { classificationLoss } from "../classification-loss.ts";
import { epochOrder } from "../epoch-order.ts";
import {
  checkLoss,
  describeBest,
  describeEpoch,
  type EpochRecord,
  isBetter,
  type Measures,
} from "../epochs.ts";
import type { FinetuneConfig } from "../finetune-config.ts";
import { learningRateSchedule } from "../learning-rate.ts";
import type { OptimizerConfig } from "../step/optimizer.ts";
import type { NetworkTrainer } from "../step/trainer.ts";
import { createTrainer } from "./create-trainer.ts";
import { withDropConnect } from "./drop-connect.ts";
import { lossTargets } from "./loss-targets.ts";
import { type ResumeFile, readResumePoint, type TrainingProgress, writeResumePoint } from "./resume-point.ts";
import { whatIsTrained } from "./what-is-trained.ts";

/** Engine and device run training and validation. */
export interface TrainNetworkRequest extends EngineChoice {
  /** From pictures to features, and the weights that training starts from. */
  backbone: Model;
  classes: number;
  /** Side of the pictures. */
  size: number;
  channels: 1 | 3;
  train: {
    /** uint8 [N, size, size, channels] */
    faces: Uint8Array<SharedArrayBuffer>;
    /** Distributions over the classes, [N, classes]. */
    targets: Float32Array<SharedArrayBuffer>;
  };
  validation: { faces: Uint8Array; labels: Int32Array };
  config: FinetuneConfig;
  /** Where an interrupted training goes on from, and leaves what it needs to. */
  resume?: ResumeFile;
  threads: number;
  progress: Progress;
  /** Told of every epoch, also of those before the resume point. */
  onEpoch?: (record: EpochRecord) => void;
}

export interface TrainedNetwork {
  /** Of the best epoch; statistics of batch norms included. */
  backbone: Weights;
  head: Weights;
  /** The arguments of `classifierHead`, but `softmax`. */
  headOptions: Omit<Parameters<typeof classifierHead>[0], "softmax">;
  bestEpoch: number;
  history: EpochRecord[];
  /** Of this run of the process: it may have gone on from another's. */
  imagesPerSecond: number;
  /** What the training thread waited for pictures, in milliseconds. */
  waited: number;
}

/** Pictures a run of validation. */
const VALIDATION_BATCH = 64;
/** Milliseconds between progress lines. */
const PROGRESS_INTERVAL = 200;
const REMEDY = "lower the learning rate, or warm it up; the last checkpoint before is kept";

/**
 * Trains backbone and head on pictures and keeps the epoch of the highest validation accuracy; of equals the one of the
 * lower validation loss, then the earlier. Every epoch has its own order; the samples that do not fill its last step
 * wait for the next epoch. The same request gives the same bytes, also where it went on from a resume point.
 *
 * @throws FerBenchError "bad-data" where a split is too small; "diverged" naming epoch and step; what `whatIsTrained`
 *   and `lossTargets` refuse
 */
export async function trainNetwork(request: TrainNetworkRequest): Promise<TrainedNetwork> {
  const { config, train, classes, resume, threads, progress } = request;
  const plan = planTraining(request);
  const head = headOptionsOf(request);
  const network = networkOf(request, head);
  const point = resume && (await readResumePoint(resume));
  const loss = lossTargets(config.loss, train.targets, classes);
  const rateAt = learningRateSchedule(config.optimizer, {
    epochs: config.epochs,
    stepsPerEpoch: plan.steps,
  });
  const trainer = await createTrainer(request.engine ?? "onnx", {
    model: network,
    batch: config.batchSize,
    isTrainable: whatIsTrained(request.backbone.graph, config.trainable),
    optimizer: optimizerOf(config),
    clipNorm: config.clip,
    accumulate: config.accumulate,
    averageDecay: config.ema,
    seed: config.seed,
    threads,
    device: request.device ?? "cpu",
  });
  const run = point ? point.progress : firstProgress();
  if (point) {
    await trainer.restore(point.trainer);
    for (const record of run.history) request.onEpoch?.(record);
    progress.note(`goes on at epoch ${run.epoch + 1}, step ${run.step + 1}`);
  }
  let best: Weights = point?.best ?? new Map();
  const source = createBatchSource({
    faces: train.faces,
    size: request.size,
    channels: request.channels,
    targets: train.targets,
    classes,
    augmentation: config.augmentation,
    seed: config.seed,
    batchSize: plan.samplesAStep,
    epochs: config.epochs,
    orderOf: (epoch) =>
      epochOrder(plan.samples, config.seed, epoch).subarray(0, plan.steps * plan.samplesAStep),
    start: { epoch: run.epoch, step: run.step },
  });
  const task = progress.start("train", config.epochs * plan.steps * plan.samplesAStep, "images");
  const write = async () => {
    if (resume) await writeResumePoint(resume, { progress: run, trainer: await trainer.state(), best });
  };
  const save = checkpointClock(config.checkpoints, write);
  const started = performance.now();
  let trained = 0;
  let reported = 0;
  try {
    for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
      const rate = rateAt(trainer.steps);
      await trainStep(trainer, batch, rate, loss, run);
      trained += plan.samplesAStep;
      run.step += 1;
      const done = (run.epoch * plan.steps + run.step) * plan.samplesAStep;
      const status = describeRun(run, plan.steps, config.epochs, rate);
      if (run.step === plan.steps) {
        const weights = await trainer.weights();
        const first = rateAt(run.epoch * plan.steps);
        best = (await finishEpoch(request, network.graph, weights, run, first)) ? weights : best;
        request.onEpoch?.(run.history.at(-1)!);
        await save(true);
      } else await save(false);
      if (performance.now() - reported > PROGRESS_INTERVAL) {
        reported = performance.now();
        // Last: what is told may end the training, which then is between two steps.
        task.update(done, `${status}, ${describeMemory()}`);
      }
    }
  } catch (error) {
    if (error instanceof FerBenchError && error.code === "interrupted" && savesAny(config)) await write();
    throw error;
  } finally {
    await source.close();
    await trainer.close();
  }
  const bestEpoch = run.bestEpoch!;
  task.end(describeBest(run.history[bestEpoch - 1]!));
  return {
    ...splitWeights(request.backbone.graph, best),
    headOptions: head,
    bestEpoch,
    history: run.history,
    imagesPerSecond: (1000 * trained) / (performance.now() - started),
    waited: source.waited.milliseconds,
  };
}

/** How many samples and steps an epoch has. */
function planTraining({ config, train, validation, classes }: TrainNetworkRequest) {
  const samples = train.targets.length / classes;
  const samplesAStep = config.batchSize * config.accumulate;
  const steps = Math.floor(samples / samplesAStep);
  if (steps === 0 || validation.labels.length === 0) {
    const split = steps === 0 ? "train" : "validation";
    const count = steps === 0 ? samples : 0;
    throw new FerBenchError("bad-data", `${count} ${split} samples are too few to train with`, {
      field: steps === 0 ? "train.batchSize" : "source",
      remedy:
        steps === 0
          ? `a step takes ${samplesAStep} samples: lower batchSize or accumulate`
          : "the source data set of the benchmark needs a validation split",
    });
  }
  return { samples, samplesAStep, steps };
}

function headOptionsOf({ backbone, classes, config }: TrainNetworkRequest): TrainedNetwork["headOptions"] {
  return { inputs: outputShape(backbone.graph)[0]!, classes, ...config.head, standardize: false };
}

/** Backbone and head as one network, from pictures to logits. */
function networkOf({ backbone, config }: TrainNetworkRequest, options: TrainedNetwork["headOptions"]): Model {
  const head = classifierHead({ ...options, softmax: false });
  const body = withDropConnect(backbone.graph, config.dropConnect);
  return {
    graph: joinGraphs(backbone.graph.name, body, head),
    weights: new Map([...backbone.weights, ...randomWeights(head, config.seed)]),
  };
}

function splitWeights(backbone: Graph, weights: Weights): { backbone: Weights; head: Weights } {
  const names = new Set(parametersOf(backbone).map(({ name }) => name));
  const entries = [...weights];
  return {
    backbone: new Map(entries.filter(([name]) => names.has(name))),
    head: new Map(entries.filter(([name]) => !names.has(name))),
  };
}

/** The optimizer that a configuration asks for. */
export function optimizerOf({ optimizer }: FinetuneConfig): OptimizerConfig {
  const { weightDecay } = optimizer;
  if (optimizer.kind === "sgd") {
    return { kind: "sgd", momentum: optimizer.momentum, nesterov: optimizer.nesterov, weightDecay };
  }
  const [beta1, beta2] = optimizer.betas;
  return { kind: "adamw", beta1, beta2, epsilon: optimizer.epsilon, weightDecay };
}

function firstProgress(): TrainingProgress {
  return { epoch: 0, step: 0, running: { loss: 0, correct: 0, samples: 0 }, history: [], bestEpoch: null };
}

async function trainStep(
  trainer: NetworkTrainer,
  batch: TrainingBatch,
  rate: number,
  loss: ReturnType<typeof lossTargets>,
  run: TrainingProgress,
): Promise<void> {
  const { pictures, targets } = batch;
  const weights = loss.weigh?.(targets);
  const count = batch.samples.length;
  const classes = targets.length / count;
  const labels = mostProbable(targets, classes);
  loss.smooth(targets);
  const result = await trainer.step({ samples: pictures, targets, ...(weights && { weights }) }, rate);
  checkLoss(result.loss, `at epoch ${batch.epoch + 1}, step ${batch.step + 1}`, REMEDY);
  const { running } = run;
  running.loss += result.loss * count;
  running.samples += count;
  mostProbable(result.logits, classes).forEach((label, i) => {
    if (label === labels[i]) running.correct += 1;
  });
}

/** Validates, and moves on to the next epoch; true where this one is the best so far. */
async function finishEpoch(
  request: TrainNetworkRequest,
  graph: Graph,
  weights: Weights,
  run: TrainingProgress,
  learningRate: number,
): Promise<boolean> {
  const validation = await validate(request, { graph, weights });
  checkLoss(validation.loss, `on the validation split after epoch ${run.epoch + 1}`, REMEDY);
  run.epoch += 1;
  run.history.push({ epoch: run.epoch, learningRate, train: measuresOf(run), validation });
  run.step = 0;
  run.running = { loss: 0, correct: 0, samples: 0 };
  const before = run.bestEpoch === null ? undefined : run.history[run.bestEpoch - 1]!.validation;
  const isBest = before === undefined || isBetter(validation, before);
  if (isBest) run.bestEpoch = run.epoch;
  return isBest;
}

async function validate(request: TrainNetworkRequest, model: Model): Promise<Measures> {
  const { validation, threads, engine, device } = request;
  const { faces, labels } = validation;
  const on = { ...(engine && { engine }), ...(device && { device }) };
  const predictor = await createPredictor({ ...model, ...on, batchSize: VALIDATION_BATCH, threads });
  try {
    const logits = await predictor.run(faces, labels.length);
    const { loss, correct } = classificationLoss(logits, labels);
    return { loss: loss / labels.length, accuracy: correct / labels.length };
  } finally {
    await predictor.close();
  }
}

function measuresOf({ running }: TrainingProgress): Measures {
  return { loss: running.loss / running.samples, accuracy: running.correct / running.samples };
}

function savesAny({ checkpoints }: FinetuneConfig): boolean {
  return checkpoints.everySteps !== null || checkpoints.everyMinutes !== null;
}

/** Saves where enough steps or minutes have gone by since the last time; with any of them set, after every epoch. */
function checkpointClock(
  { everySteps, everyMinutes }: FinetuneConfig["checkpoints"],
  write: () => Promise<void>,
): (epochEnds: boolean) => Promise<void> {
  let steps = 0;
  let last = performance.now();
  return async (epochEnds) => {
    steps += 1;
    const due =
      (everySteps !== null && (epochEnds || steps >= everySteps)) ||
      (everyMinutes !== null && (epochEnds || performance.now() - last >= everyMinutes * 60_000));
    if (!due) return;
    await write();
    steps = 0;
    last = performance.now();
  };
}

function describeRun(run: TrainingProgress, steps: number, epochs: number, rate: number): string {
  const line = describeEpoch(run.epoch, epochs, rate, measuresOf(run), run.history.at(-1));
  return line.replace(",", `, step ${run.step}/${steps},`);
}

function describeMemory(): string {
  return `${Math.round(process.memoryUsage.rss() / 1e6)} MB`;
}
