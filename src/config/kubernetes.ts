/** The cluster that deployments with `target: kubernetes` go to. */
import { z } from "zod";
import { slug } from "./quantities.ts";

export const serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer"] as const;

/** Kinds of a deployment's objects. */
export const patchedKinds = [
  "Deployment",
  "Service",
  "HorizontalPodAutoscaler",
  "PodDisruptionBudget",
  "NetworkPolicy",
] as const;

const patch = z.strictObject({
  kind: z.enum(patchedKinds).describe("Kind of the object to patch"),
  shape: z
    .enum(["single", "max", "autoscaled"])
    .nullable()
    .default(null)
    .describe("Only for deployments of this shape; null: for all"),
  patch: z
    .record(z.string(), z.unknown())
    .describe("What differs, in the object's own form; merged as docs/kubernetes.md says (strategic merge)"),
});

export const kubernetes = z.strictObject({
  kubeconfig: z.string().nullable().default(null).describe("Path of a kubeconfig; null: as kubectl finds it"),
  context: z.string().nullable().default(null).describe("Context of the kubeconfig; null: its current one"),
  namespace: slug.nullable().default(null).describe("Namespace; null: the context's own"),
  image: z
    .string()
    .default("fulcrum/{candidate}:{model}")
    .describe("Image of a candidate; {candidate} is its name, {model} the first 12 digits of its model's SHA-256"),
  service: z.enum(serviceTypes).default("NodePort").describe("How requests get in"),
  nodePort: z.int().min(1).max(65535).nullable().default(null).describe("Port of a NodePort service; null: any"),
  loadFrom: z.enum(["outside", "cluster"]).default("outside").describe("Where the load comes from: here, or a Job"),
  patches: z.array(patch).default([]).describe("Changes to the rendered objects, in this order"),
});

export type Kubernetes = z.output<typeof kubernetes>;

/** The image of a candidate's model. */
export function imageOf({ image }: Kubernetes, candidate: string, modelSha256: string): string {
  return image.replaceAll("{candidate}", candidate).replaceAll("{model}", modelSha256.slice(0, 12));
}
