/** `fulcrum render CANDIDATE`: a deployment as the Kubernetes objects that `deploy` would apply. */
import { z } from "zod";
import { loadProject } from "../../config/load-project.ts";
import { slug } from "../../config/quantities.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

const options = projectOptions.extend({
  shape: z.enum(["single", "max", "autoscaled"]).default("single").describe("Shape of the deployment"),
  deployment: slug.optional().describe("Deployment of the project; by default the first of that shape and candidate"),
  image: z.string().optional().describe("Image; by default kubernetes.image of the project file"),
  namespace: slug.optional().describe("Namespace; by default the project file's, or default"),
  rbac: z.boolean().default(false).describe("Print the least rights that deploy, monitor and load need in a cluster"),
});

export const verb = defineVerb({
  summary: "Print a deployment as plain Kubernetes YAML",
  description:
    "Prints the objects of a deployment of the project file: Deployment, Service, NetworkPolicy, PodDisruptionBudget and, " +
    "for shape autoscaled, HorizontalPodAutoscaler, with kubernetes.patches applied. Asks no cluster. With --rbac it prints " +
    "a service account with the least rights that fulcrum needs.",
  arguments: [{ usage: "[candidate]", description: "Candidate of the project; not needed with --rbac" }],
  options,
  examples: [
    "fulcrum render latency --shape autoscaled",
    "fulcrum render latency --shape max --image registry.example/food:1 | kubectl apply --server-side -f -",
    "fulcrum render --rbac --namespace food | kubectl apply -f -",
  ],
  async run({ args, options, io }) {
    const objects = options.rbac ? await rightsOf(options) : await objectsOf(args[0] as string | undefined, options);
    const { renderYaml } = await import("../../deploy/index.ts");
    io.print(renderYaml(objects).trimEnd());
    io.json(objects);
    return 0;
  },
});

type Options = z.output<typeof options>;

async function rightsOf({ namespace }: Options) {
  const { rbacManifests } = await import("../../deploy/index.ts");
  return rbacManifests({ name: "fulcrum", namespace: namespace ?? "default" });
}

/** @throws DEPLOY_UNKNOWN, DEPLOY_PATCH_INVALID, and what reading the project throws */
async function objectsOf(candidate: string | undefined, options: Options) {
  const { buildManifests, recipeOf } = await import("../../deploy/index.ts");
  const { FulcrumError } = await import("../../errors/index.ts");
  if (candidate === undefined) throw new FulcrumError("CLI_USAGE", { problem: "Name a candidate.", verb: "render" });
  const loaded = await loadProject(options.config, options.set);
  const { candidates, deployments, kubernetes } = loaded.project;
  const chosen = candidates.find(({ name }) => name === candidate);
  const deployment = deployments.find(
    ({ name, shape, candidates: some }) =>
      shape === options.shape && some.includes(candidate) && (options.deployment ?? name) === name,
  );
  if (!chosen || !deployment) {
    const wanted = `${options.deployment ?? ""} of candidate ${candidate} with shape ${options.shape}`.trim();
    const known = deployments.map(({ name, shape, candidates: some }) => `${name} (${shape}: ${some.join(", ")})`);
    throw new FulcrumError("DEPLOY_UNKNOWN", { wanted, known: known.join("; ") || "none" });
  }
  const settings = options.image === undefined ? kubernetes : { ...kubernetes, image: options.image };
  const namespace = options.namespace ?? kubernetes.namespace ?? "default";
  const modelSha256 = settings.image.includes("{model}") ? await trainedModel(loaded.runDir, chosen) : "";
  return buildManifests(recipeOf(deployment, candidate, settings, { namespace, modelSha256 }));
}

/** The image's name holds the model's hash, so the model has to be there. @throws RUN_RECORD_MISSING */
async function trainedModel(
  runDir: string,
  candidate: Parameters<typeof import("../../pipeline/stages/model.ts").servedModel>[1],
) {
  const { openRunStore } = await import("../../pipeline/store.ts");
  const { servedModel } = await import("../../pipeline/stages/model.ts");
  return (await servedModel(openRunStore(runDir), candidate)).sha256;
}
