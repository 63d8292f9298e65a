/** The cluster that deployments with `target: kubernetes` go to. */
import { z } from "zod";
import { slug } from "./quantities.ts";

export const serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer"] as const;

export const kubernetes = z.strictObject({
  kubeconfig: z.string().nullable().default(null).describe("Path of a kubeconfig; null: as kubectl finds it"),
  context: z.string().nullable().default(null).describe("Context of the kubeconfig; null: its current one"),
  namespace: slug.nullable().default(null).describe("Namespace; null: the context's own"),
  image: z
    .string()
    .default("fulcrum/{candidate}:{model}")
    .describe("Image of a candidate; {candidate} is its name, {model} the first 12 digits of its model's SHA-256"),
  service: z.enum(serviceTypes).default("NodePort").describe("How requests get in"),
  loadFrom: z.enum(["outside", "cluster"]).default("outside").describe("Where the load comes from: here, or a Job"),
});

export type Kubernetes = z.output<typeof kubernetes>;

/** The image of a candidate's model. */
export function imageOf({ image }: Kubernetes, candidate: string, modelSha256: string): string {
  return image.replaceAll("{candidate}", candidate).replaceAll("{model}", modelSha256.slice(0, 12));
}
