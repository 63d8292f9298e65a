/** What is to run on a cluster: the input of the manifests. */
import type { Deployment } from "../../config/deployment.ts";
import type { serviceTypes } from "../../config/kubernetes.ts";

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
  readonly service: (typeof serviceTypes)[number];
}

/** Pods that are asked for at first. */
export function askedAtStart({ shape, replicas, autoscaling }: Recipe): number {
  if (shape === "single") return 1;
  return shape === "max" ? replicas : autoscaling.minReplicas;
}
