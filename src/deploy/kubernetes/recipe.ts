/** What is to run on a cluster: the input of the manifests. Pure. */
import { sha256 } from "../../base/hash.ts";
import type { Deployment } from "../../config/deployment.ts";
import { imageOf, type Kubernetes } from "../../config/kubernetes.ts";

export interface Recipe {
  /** Name of every object of the deployment. */
  readonly name: string;
  readonly namespace: string;
  /** Image with the service and its model. */
  readonly image: string;
  readonly shape: Deployment["shape"];
  readonly requests: Deployment["requests"];
  readonly limits: Deployment["limits"];
  /** Pods that shape max asks for. */
  readonly replicas: number;
  readonly autoscaling: Deployment["autoscaling"];
  readonly service: Kubernetes["service"];
  /** Port of every node that a NodePort service takes; the cluster chooses where there is none. */
  readonly nodePort?: number | null;
  readonly patches?: Kubernetes["patches"];
  /** The run that it is made for: another run's, or one made by hand, is not taken over. */
  readonly run?: string;
}

/** What of a recipe the project file and the run do not say. */
export interface RecipePlace {
  readonly namespace: string;
  readonly modelSha256: string;
  readonly run?: string;
}

/** The recipe of one deployment of a project, for one of its candidates. */
export function recipeOf(
  deployment: Deployment,
  candidate: string,
  kubernetes: Kubernetes,
  { namespace, modelSha256, run }: RecipePlace,
): Recipe {
  const { shape, requests, limits, replicas, autoscaling } = deployment;
  return {
    name: objectName(`${deployment.name}-${candidate}`),
    namespace,
    image: imageOf(kubernetes, candidate, modelSha256),
    service: kubernetes.service,
    nodePort: kubernetes.nodePort,
    patches: kubernetes.patches,
    shape,
    requests,
    limits,
    replicas,
    autoscaling,
    ...(run === undefined ? {} : { run }),
  };
}

/** Names of pods have 17 characters more than the Deployment's, and 63 at most to be host names. */
const longestName = 46;

/** A Service's name starts with a letter. A longer name is cut, and a part of its hash keeps it apart from others. */
function objectName(text: string): string {
  const name = /^[a-z]/.test(text) ? text : `f-${text}`;
  return name.length <= longestName ? name : `${name.slice(0, longestName - 7)}-${sha256(name).slice(0, 6)}`;
}

/** Pods that are asked for at first. */
export function askedAtStart({ shape, replicas, autoscaling }: Recipe): number {
  if (shape === "single") return 1;
  return shape === "max" ? replicas : autoscaling.minReplicas;
}
