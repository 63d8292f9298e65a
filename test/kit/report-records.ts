/** A whole run's records, made up from a seed: what a report is rendered from without training or measuring. */
import { Rng } from "../../src/base/rng.ts";
import { wilsonInterval } from "../../src/evaluate/intervals.ts";
import { type Dataset, datasetRecord } from "../../src/records/dataset.ts";
import { type Evaluation, evaluationRecord } from "../../src/records/evaluation.ts";
import {
  type LoadRow,
  type LoadSummary,
  type Measurement,
  measurementRecord,
  type ResourceSample,
} from "../../src/records/measurement.ts";
import { parseRecord, type RecordKind, type RecordOf, renderRecord } from "../../src/records/record.ts";
import { type Training, trainingRecord } from "../../src/records/training.ts";
import type { ReportInput } from "../../src/report/index.ts";

const classes = ["curry", "pizza", "soup", "tacos"];
const photosPerClass = 80;
const startedAt = "2026-03-01T10:00:00.000Z";
const timeScale = 30;
const mebibyte = 1024 ** 2;

type Role = "previous" | "accuracy" | "latency";

/** Share of photos got right, milliseconds a request, and joined base models of each made-up candidate. */
const models = {
  previous: { right: 0.7, milliseconds: 95, bases: ["efficientnet-lite1"], epochs: 2 },
  accuracy: { right: 0.93, milliseconds: 180, bases: ["efficientnet-lite0", "efficientnet-lite2"], epochs: 24 },
  latency: { right: 0.86, milliseconds: 60, bases: ["efficientnet-lite0"], epochs: 30 },
} as const;

/** A record as if read from its file: a body that does not fit the schema throws. */
export function recordOf<Body>(kind: RecordKind<Body>, body: Body): RecordOf<Body> {
  const machine = {
    platform: "linux-x64",
    kernel: "6.1.0",
    cpuModel: "Example CPU",
    cpuCount: 2,
    cpuFeatures: ["avx2"],
    memoryBytes: 8 * 1024 ** 3,
    node: "v26.0.0",
  };
  const { kind: name, version } = kind;
  const header = { kind: name, version, createdAt: "2026-03-01T10:05:00.000Z", fulcrum: "0.1.0", machine, seed: 1 };
  return parseRecord(kind, renderRecord({ ...header, inputs: {}, seconds: 12, body }), "made-up");
}

/** Every part of a report: three candidates, single and max for each, two of them autoscaled. */
export function madeUpRun(seed = 1): ReportInput {
  const rng = new Rng(seed);
  const roles: Role[] = ["accuracy", "latency", "previous"];
  return {
    name: "made-up",
    dataset: recordOf(datasetRecord, dataset()),
    trainings: roles.map((role) => recordOf(trainingRecord, training(role, rng.fork(`train/${role}`)))),
    evaluations: roles.map((role) => recordOf(evaluationRecord, evaluation(role, rng.fork(`evaluate/${role}`)))),
    measurements: [
      ...roles.map((role) => recordOf(measurementRecord, fixedSize(role, "single", 1))),
      ...roles.map((role) => recordOf(measurementRecord, fixedSize(role, "max", 9))),
      ...(["accuracy", "latency"] as const).map((role) =>
        recordOf(measurementRecord, autoscaled(role, rng.fork(`measure/${role}`))),
      ),
    ],
    courses: [],
    latencies: new Map(),
    thumbnails: [],
    thumbnailsMissing: "made up",
    prices: null,
    objectives: { minAccuracy: 0.9, maxMeanResponseMs: 100, minAvailability: 0.99 },
    contributions: ["Our own point."],
  };
}

function dataset(): Dataset {
  const photos = (split: string, count: number) =>
    classes.flatMap((name, label) =>
      Array.from({ length: count }, (_, i) => ({
        path: `${split}/${name}/${i}.jpg`,
        label,
        sha256: `${split}-${name}-${i}`,
        width: 320,
        height: 240,
      })),
    );
  return {
    dir: "photos",
    layout: "folders",
    synthetic: true,
    classes,
    splits: {
      training: photos("training", 60),
      validation: photos("validation", 20),
      evaluation: photos("evaluation", photosPerClass),
    },
    splitOrigin: "given",
    unreadable: [],
    duplicatesAcrossSplits: [],
  };
}

function training(role: Role, rng: Rng): Training {
  const { right, bases, epochs } = models[role];
  const history = Array.from({ length: epochs }, (_, i) => {
    const accuracy = right - 0.4 * Math.exp(-i / 5) + rng.uniform(0, 0.02);
    return {
      epoch: i + 1,
      loss: 1 - accuracy,
      accuracy: Math.min(1, accuracy + 0.03),
      validationLoss: 1.1 - accuracy,
      validationAccuracy: accuracy,
      learningRate: 0.001,
      seconds: 0.2,
    };
  });
  return {
    candidate: role,
    role,
    bases: bases.map((id) => ({
      id,
      title: id.replace("efficientnet-lite", "EfficientNet-Lite"),
      licence: "Apache-2.0",
      origin: "TensorFlow TPU repository",
      weightsSha256: "0",
      parameters: 4_652_008,
      sizeBytes: 18_600_000,
      imagenetTop1: 0.748,
      imagenetTop1Source: "the authors' table",
    })),
    preprocessing: [
      { input: "photo", size: 224, resize: "crop", shortSide: 256, interpolation: "bicubic", mean: 127, std: 128 },
    ],
    featureCount: 1280 * bases.length,
    classes,
    synthetic: true,
    photos: { training: 240, validation: 80 },
    choices: {
      augmentation: role === "accuracy" ? { rotationDegrees: 10, horizontalFlip: true } : null,
      head: {
        epochs: 60,
        optimizer: "adam",
        learningRate: 0.001,
        schedule: "constant",
        labelSmoothing: 0,
        classWeights: "none",
        mixup: 0,
        clip: "none",
        batchSize: 32,
        dropout: role === "accuracy" ? 0.5 : 0.3,
        l2: 0,
        patience: 15,
        photosPerClass: role === "previous" ? 10 : null,
      },
      unfrozenLayers: 0,
      fineTuning: null,
    },
    history,
    bestEpoch: epochs,
    stoppedEarly: role !== "previous",
    fineTuning: null,
    validationAccuracy: history.at(-1)!.validationAccuracy,
    validationLoss: history.at(-1)!.validationLoss,
    phases: { featuresSeconds: 20, headSeconds: 3, fineTuningSeconds: 0 },
    runtime: { onnxruntime: "1.30.0", threads: 2 },
    model: { file: "model.onnx", sha256: `model-${role}`, bytes: 18_600_000 * bases.length, parameters: 4_657_132 },
  };
}

function evaluation(role: Role, rng: Rng): Evaluation {
  const { right, milliseconds } = models[role];
  const predictions = classes.flatMap((name, label) =>
    Array.from({ length: photosPerClass }, (_, i) => {
      const predicted = rng.float() < right ? label : (label + 1) % classes.length;
      const labelProbability = predicted === label ? 0.9 : 0.1;
      return { path: `evaluation/${name}/${i}.jpg`, label, predicted, confidence: 0.9, labelProbability };
    }),
  );
  const correct = predictions.filter(({ label, predicted }) => label === predicted).length;
  const confusion = classes.map((_, row) =>
    classes.map((_, column) => predictions.filter((p) => p.label === row && p.predicted === column).length),
  );
  const inference = milliseconds / 4;
  return {
    candidate: role,
    modelSha256: `model-${role}`,
    data: "evaluation split of photos",
    synthetic: true,
    classes,
    photos: predictions.length,
    correct,
    accuracy: wilsonInterval(correct, predictions.length),
    logLoss: 0.4,
    perClass: classes.map((name, i) => ({
      name,
      photos: photosPerClass,
      precision: 0.9,
      recall: confusion[i]![i]! / photosPerClass,
    })),
    confusion,
    predictions,
    inferenceMs: {
      estimate: inference,
      low: inference * 0.97,
      high: inference * 1.05,
      level: 0.95,
      method: "order statistics of the median",
      runs: 100,
      threads: 1,
    },
  };
}

/** What a closed loop of `users` gets from replicas that need `milliseconds` a request. */
function summaryOf(seconds: number, rate: number, milliseconds: number, failed = 0): LoadSummary {
  const okay = Math.round(rate * seconds);
  const responseMs = {
    mean: milliseconds,
    p50: milliseconds * 0.95,
    p90: milliseconds * 1.3,
    p99: milliseconds * 1.7,
    max: milliseconds * 2,
  };
  return {
    transactions: okay,
    okay,
    failed,
    availability: okay + failed === 0 ? null : okay / (okay + failed),
    elapsedSeconds: seconds,
    bytes: okay * 200,
    transactionRatePerSecond: rate,
    concurrency: (rate * milliseconds) / 1000,
    responseMs: okay === 0 ? null : responseMs,
    scheduledMs: null,
  };
}

function base(role: Role): Omit<Measurement, "deployment" | "shape" | "asked" | "running" | "summary" | "load"> {
  return {
    candidate: role,
    target: "local",
    modelSha256: `model-${role}`,
    pod: {
      requests: { cpuMillis: 1000, memoryBytes: 2048 * mebibyte },
      limits: { cpuMillis: 1500, memoryBytes: 2560 * mebibyte },
    },
    enforcement: { cpu: "none", memory: "none", reason: "no cgroup can be written here" },
    systemPods: {
      requests: { cpuMillis: 405, memoryBytes: 432_730 * 1024 },
      limits: { cpuMillis: 1400, memoryBytes: 1_175_430_400 },
    },
    pending: [],
    nodes: [
      {
        node: "node1",
        capacity: { cpuMillis: 4000, memoryBytes: 8192 * mebibyte },
        requests: { cpuMillis: 2405, memoryBytes: 4_627_034 * 1024 },
        limits: { cpuMillis: 4400, memoryBytes: 6_544_139_520 },
        replicas: 2,
      },
    ],
    readySeconds: [1.2],
    autoscaling: null,
    startedAt,
    rows: [],
    samples: [],
    events: [],
    files: { hits: "hits.jsonl" },
  };
}

function fixedSize(role: Role, shape: "single" | "max", running: number): Measurement {
  const asked = shape === "single" ? 1 : 20;
  const perReplica = 1000 / models[role].milliseconds;
  const rate = perReplica * Math.min(running, 2);
  return {
    ...base(role),
    deployment: shape,
    shape,
    asked,
    running,
    pending: Array.from({ length: asked - running }, (_, i) => ({
      replica: `${role}-${i}`,
      reason:
        i === 0 ? "0/3 nodes are available: 3 Insufficient memory" : "0/3 nodes are available: 3 Insufficient cpu",
    })),
    load: { name: "ten-users", description: "siege -c 10 -t 6s", url: "http://127.0.0.1:4000/test", timeScale: 1 },
    summary: summaryOf(6, rate, (10 / rate) * 1000),
  };
}

/** Replicas at a minute of the scenario: 2, a climb to 6 in the busy middle, 2 at the end. */
const replicasAt = (minute: number) => (minute < 10 || minute > 26 ? 2 : Math.min(6, 2 + Math.floor((minute - 9) / 2)));

function autoscaled(role: "accuracy" | "latency", rng: Rng): Measurement {
  const minuteMs = 60_000 / timeScale;
  const rows: LoadRow[] = Array.from({ length: 30 }, (_, minute) => {
    const isBusy = minute >= 10 && minute < 20;
    const rate = isBusy ? rng.uniform(18, 25) : rng.uniform(1, 4);
    const summary = summaryOf(minuteMs / 1000, rate, models[role].milliseconds * (isBusy ? 2 : 1), isBusy ? 1 : 0);
    return {
      startSeconds: (minute * minuteMs) / 1000,
      users: isBusy ? 30 : 20,
      delaySeconds: isBusy ? 1 : 80,
      summary,
    };
  });
  const startMs = Date.parse(startedAt);
  const samples: ResourceSample[] = Array.from({ length: 360 }, (_, i) => {
    const minute = i / 12;
    const [replicas, ready] = [replicasAt(minute), replicasAt(Math.max(0, minute - 0.3))];
    return {
      epochMs: startMs + minute * minuteMs,
      replicas,
      readyReplicas: Math.min(replicas, ready),
      cpuRequestCores: 0.5 * replicas,
      memoryRequestBytes: 1024 * mebibyte * replicas,
      cpuLimitCores: replicas,
      memoryLimitBytes: 2048 * mebibyte * replicas,
      cpuUseCores: minute >= 10 && minute < 20 ? rng.uniform(1.6, 1.95) : rng.uniform(0.05, 0.3),
      memoryUseBytes: 180 * mebibyte * ready,
    };
  });
  const okay = rows.reduce((sum, { summary }) => sum + summary.okay, 0);
  return {
    ...base(role),
    deployment: `autoscaled-${role}`,
    shape: "autoscaled",
    asked: 2,
    running: 2,
    autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: role === "accuracy" ? 60 : 50 },
    load: { name: "half-hour", description: "30 runs of siege", url: "http://127.0.0.1:4000/test", timeScale },
    summary: summaryOf(60, okay / 60, models[role].milliseconds * 1.8, 10),
    rows,
    samples,
  };
}
