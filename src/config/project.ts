/** fulcrum.yaml as one schema: types, defaults, messages, flags and docs/configuration.md come from it. */
import { z } from "zod";
import { candidate } from "./candidate.ts";
import { autoscalerTiming, deployment, platform } from "./deployment.ts";
import { kubernetes } from "./kubernetes.ts";
import { loadScenario } from "./load.ts";
import { slug } from "./quantities.ts";
import { report } from "./report.ts";
import { weightsSources } from "./weights.ts";

/** Of photos, 0..1. */
export const share = z.number().min(0.01).max(0.9);

const data = z.strictObject({
  dir: z.string().min(1).describe("Folder of photos, relative to this file"),
  layout: z
    .enum(["auto", "folders", "food11"])
    .default("auto")
    .describe(
      "folders: a folder a class, in splits or not; food11: flat files CLASS_NUMBER.jpg; auto: whichever is found",
    ),
  skipUnreadable: z.boolean().default(false).describe("Consent to leave out files that cannot be decoded"),
  validationShare: share.default(0.15).describe("Share of each class for validation where the folder has no splits"),
  evaluationShare: share.default(0.15).describe("Share of each class for evaluation where the folder has no splits"),
});

const objectives = z.strictObject({
  minAccuracy: z.number().min(0).max(1).nullable().default(null).describe("Test accuracy to reach, 0..1"),
  maxMeanResponseMs: z.number().positive().nullable().default(null).describe("Mean response time not to exceed"),
  minAvailability: z.number().min(0).max(1).nullable().default(null).describe("Share of requests answered, 0..1"),
});

export const project = z
  .strictObject({
    name: slug.describe("Name of the run: records go to runs/NAME"),
    seed: z.int().min(0).default(1).describe("Seed of everything random"),
    data: data.describe("The photos"),
    candidates: z.array(candidate).min(1).describe("Models to train and compare"),
    platform: platform.prefault({}).describe("The embedded platform's declared capacity"),
    kubernetes: kubernetes.prefault({}).describe("The cluster of deployments with target kubernetes"),
    autoscaler: autoscalerTiming.prefault({}).describe("Timing of the autoscaler"),
    weights: weightsSources.prefault({}),
    loads: z.array(loadScenario).default([]).describe("Load scenarios"),
    deployments: z.array(deployment).default([]).describe("What to deploy and measure"),
    objectives: objectives.prefault({}).describe("What the report checks the results against"),
    report: report.prefault({}).describe("What is written at the end of a run"),
    contributions: z.array(z.string()).default([]).describe("Your own points for the last part of the report"),
  })
  .superRefine((value, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    checkUnique(value.candidates, "candidates", issue);
    checkUnique(value.loads, "loads", issue);
    checkUnique(value.deployments, "deployments", issue);
    checkRoles(value.candidates, issue);
    checkReferences(value, issue);
  });

export type Project = z.output<typeof project>;
export type ProjectInput = z.input<typeof project>;
type Report = (path: (string | number)[], message: string) => void;

function checkUnique(items: readonly { name: string }[], key: string, issue: Report): void {
  const seen = new Set<string>();
  items.forEach(({ name }, i) => {
    if (seen.has(name)) issue([key, i, "name"], `the name ${name} is used twice`);
    seen.add(name);
  });
}

function checkRoles(candidates: readonly { role: string }[], issue: Report): void {
  const seen = new Set<string>();
  candidates.forEach(({ role }, i) => {
    if (role !== "none" && seen.has(role)) issue(["candidates", i, "role"], `the role ${role} is given twice`);
    seen.add(role);
  });
}

interface Referring {
  readonly candidates: readonly { name: string }[];
  readonly loads: readonly { name: string }[];
  readonly deployments: readonly {
    candidates: readonly string[];
    load: string;
    autoscaling: { minReplicas: number; maxReplicas: number };
    requests: { cpuMillis: number; memoryBytes: number };
    limits: { cpuMillis: number; memoryBytes: number };
  }[];
}

function checkReferences({ candidates, loads, deployments }: Referring, issue: Report): void {
  const candidateNames = candidates.map((c) => c.name);
  const loadNames = loads.map((l) => l.name);
  deployments.forEach((d, i) => {
    const at = (...rest: (string | number)[]) => ["deployments", i, ...rest];
    d.candidates.forEach((name, j) => {
      if (!candidateNames.includes(name))
        issue(at("candidates", j), `no candidate ${name}; there are: ${candidateNames.join(", ")}`);
    });
    if (!loadNames.includes(d.load))
      issue(at("load"), `no load ${d.load}; there are: ${loadNames.join(", ") || "none"}`);
    if (d.autoscaling.minReplicas > d.autoscaling.maxReplicas)
      issue(at("autoscaling"), "minReplicas is above maxReplicas");
    if (d.requests.cpuMillis > d.limits.cpuMillis) issue(at("requests", "cpu"), "is above the limit");
    if (d.requests.memoryBytes > d.limits.memoryBytes) issue(at("requests", "memory"), "is above the limit");
  });
}
