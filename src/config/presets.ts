/** Project files to start from: the demonstration, the default, and the original's choices. */
import type { ProjectInput } from "./project.ts";

type CandidateInput = ProjectInput["candidates"][number];

/** The original's 30 one-minute runs of siege. */
export const originalMinutes = [
  { minutes: 5, delay: "100s", users: 20 },
  { minutes: 2, delay: "50s", users: 20 },
  { minutes: 2, delay: "10s", users: 20 },
  { minutes: 1, delay: "3s", users: 20 },
  { minutes: 5, delay: "1s", users: 20 },
  { minutes: 5, delay: "1s", users: 30 },
  { minutes: 1, delay: "3s", users: 20 },
  { minutes: 2, delay: "60s", users: 20 },
  { minutes: 7, delay: "80s", users: 20 },
];

const lite = "efficientnet-lite" as const;
const everyRole = ["previous", "accuracy", "latency"];

/**
 * Head training on frozen features: of learning rates 0.0003 to 0.001, dropout 0 to 0.8 and penalties 0 to 0.03 about
 * the lowest validation loss on 3,000 photos of ten dishes, joined features and single ones alike.
 */
const probe = { epochs: 60, optimizer: { learningRate: 0.0005 }, dropout: 0.3, l2: 0.001 };
/** On the demonstration's 500 photos an epoch has few steps; they are larger. */
const briefProbe = { ...probe, optimizer: { learningRate: 0.001 } };

/** What a new project gets: three embedded bases joined for accuracy, one for latency. */
export function defaultProject(name: string, dataDir: string, head = probe): ProjectInput {
  return {
    name,
    seed: 1,
    data: { dir: dataDir },
    candidates: [
      {
        name: "previous",
        role: "previous",
        bases: [`${lite}1`],
        head: { epochs: 5, optimizer: { learningRate: 0.01 }, photosPerClass: 20 },
      },
      {
        name: "accuracy",
        role: "accuracy",
        bases: [`${lite}0`, `${lite}1`, `${lite}2`],
        head,
      },
      { name: "latency", role: "latency", bases: [`${lite}0`], head },
    ],
    loads: [
      { name: "ten-users", kind: "closed", users: 10, duration: "60s" },
      { name: "half-hour", kind: "series", minutes: originalMinutes },
    ],
    deployments: deployments(),
  };
}

/**
 * The default project, shortened so that all of it takes a few minutes on two cores. In a minute that lasts 2 seconds
 * the burst of all users at a run's start would fill whole CPU samples of 15 / 30 seconds; hence the window of a minute,
 * which is metrics-server's own default (--metric-resolution).
 */
export function demoProject(name: string, dataDir: string): ProjectInput {
  return {
    ...defaultProject(name, dataDir, briefProbe),
    autoscaler: { metricsPeriod: "60s" },
    loads: [
      { name: "ten-users", kind: "closed", users: 10, duration: "6s" },
      { name: "half-hour", kind: "series", minutes: originalMinutes, timeScale: 30 },
    ],
  };
}

function deployments(): NonNullable<ProjectInput["deployments"]> {
  const pod = { requests: { cpu: "1000m", memory: "2Gi" }, limits: { cpu: "2000m", memory: "4Gi" } };
  return [
    { name: "single", shape: "single", candidates: everyRole, ...pod, load: "ten-users" },
    {
      name: "max",
      shape: "max",
      candidates: everyRole,
      requests: { cpu: "1000m", memory: "2Gi" },
      limits: { cpu: "1500m", memory: "2560Mi" },
      replicas: 20,
      load: "ten-users",
    },
    {
      name: "autoscaled-accuracy",
      shape: "autoscaled",
      candidates: ["accuracy"],
      requests: { cpu: "700m", memory: "1Gi" },
      limits: { cpu: "1000m", memory: "2Gi" },
      autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 60 },
      load: "half-hour",
    },
    {
      name: "autoscaled-latency",
      shape: "autoscaled",
      candidates: ["latency"],
      requests: { cpu: "300m", memory: "512Mi" },
      limits: { cpu: "1000m", memory: "1Gi" },
      autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 50 },
      load: "half-hour",
    },
  ];
}

const originalAugmentation = {
  rotationDegrees: 10,
  zoom: 0.1,
  widthShift: 0.1,
  heightShift: 0.1,
  shearDegrees: 0.1,
  horizontalFlip: true,
  verticalFlip: true,
  fill: "nearest" as const,
  brightness: [0.8, 1.2] as [number, number],
  channelShift: 20,
};

/**
 * Random parts, mirror images and light of photos: what fine-tuning needs so as not to learn its photos by heart. Four
 * versions of each are made once; bench/augmentation/bank-accuracy.ts measures what that costs.
 */
export const tuningAugmentation = {
  randomCrop: { area: [0.35, 1] as [number, number] },
  horizontalFlip: true,
  brightness: [0.7, 1.3] as [number, number],
  contrast: [0.7, 1.3] as [number, number],
  saturation: [0.7, 1.3] as [number, number],
  versions: 4,
};

/** Numbers of the last five blocks: Lite0 has 16, Lite1 and Lite2 have 21. */
const lastBlocks = (base: string) => (base === `${lite}0` ? [11, 12, 13, 14, 15] : [16, 17, 18, 19, 20]);

/** The last five blocks of each base and its last convolution, nine epochs. */
const liteTuning = {
  head: { epochs: 10, optimizer: { learningRate: 0.001 }, dropout: 0.3, labelSmoothing: 0.1 },
  fineTuning: {
    epochs: 9,
    optimizer: { name: "adamw" as const, learningRate: 0.0003, weightDecay: 0.05 },
    schedule: { kind: "cosine" as const, warmupEpochs: 0.5 },
    dropout: 0.3,
    mixup: 0.2,
    labelSmoothing: 0.1,
  },
  augmentation: tuningAugmentation,
};

/** Numbers of blocks mean other places in other bases, so each pattern names its base. */
function lastLayers(bases: readonly string[]): string[] {
  return [...bases.flatMap((base) => lastBlocks(base).map((block) => `${base}/block${block}_*`)), "head_*"];
}

/**
 * As the default, but fine-tuned. What that gained in both roles is in docs/training.md; a rate of 0.001 was as good as
 * 0.0003 on validation photos, for one base and for joined ones.
 */
export function finetunedProject(name: string, dataDir: string): ProjectInput {
  const project = defaultProject(name, dataDir);
  const candidates = project.candidates.map((each) => (each.role === "previous" ? each : fineTuned(each)));
  return { ...project, candidates };
}

/** A candidate on EfficientNet-Lite bases, fine-tuned. */
export function fineTuned(candidate: CandidateInput): CandidateInput {
  return { ...candidate, ...liteTuning, unfreeze: { names: lastLayers(candidate.bases ?? []) } };
}

/** The original's choices; its base models have no embedded weights. */
export function originalProject(name: string, dataDir: string): ProjectInput {
  const preprocessing = { resize: "stretch" as const, scale: "unit" as const };
  const adam = (learningRate: number) => ({ name: "adam" as const, learningRate });
  const [single, max] = deployments() as [
    NonNullable<ProjectInput["deployments"]>[0],
    NonNullable<ProjectInput["deployments"]>[0],
  ];
  return {
    ...defaultProject(name, dataDir),
    candidates: [
      {
        name: "previous",
        role: "previous",
        bases: [`${lite}1`],
        head: { epochs: 5, optimizer: { learningRate: 0.01 }, photosPerClass: 20 },
      },
      {
        name: "accuracy",
        role: "accuracy",
        bases: ["resnet101v2"],
        preprocessing,
        head: { epochs: 39, optimizer: adam(0.01) },
        unfreeze: { layers: 8, batchNorm: "training" },
        fineTuning: { epochs: 50, optimizer: adam(0.0005) },
        augmentation: originalAugmentation,
      },
      {
        name: "latency",
        role: "latency",
        bases: ["mobilenetv2"],
        preprocessing,
        head: { epochs: 30, optimizer: adam(0.001) },
        unfreeze: { layers: 5, batchNorm: "training" },
        fineTuning: { epochs: 100, optimizer: adam(0.0005) },
        augmentation: originalAugmentation,
      },
    ],
    deployments: [
      single,
      max,
      {
        name: "autoscaled-accuracy",
        shape: "autoscaled",
        candidates: ["accuracy"],
        requests: { cpu: "1000m", memory: "1Gi" },
        limits: { cpu: "2000m", memory: "4Gi" },
        autoscaling: { minReplicas: 2, maxReplicas: 10, targetCpuPercent: 60 },
        load: "half-hour",
      },
      {
        name: "autoscaled-latency",
        shape: "autoscaled",
        candidates: ["latency"],
        requests: { cpu: "500m", memory: "512Mi" },
        limits: { cpu: "1000m", memory: "1Gi" },
        autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 50 },
        load: "half-hour",
      },
    ],
  };
}

export const presets = {
  default: defaultProject,
  demo: demoProject,
  finetuned: finetunedProject,
  original: originalProject,
} as const;
export type PresetName = keyof typeof presets;
