/** A deployment as a measurement sees it, wherever it runs. */
import type { Progress } from "../base/progress.ts";
import type { AutoscalerTiming, Deployment, Platform } from "../config/deployment.ts";
import type { Kubernetes } from "../config/kubernetes.ts";
import type { LoadScenario } from "../config/load.ts";
import type { Tell } from "../live/index.ts";
import type { LoadResult } from "../load/index.ts";
import type { Measurement, PlatformEvent, ResourceSample } from "../records/measurement.ts";

export interface MeasureOptions {
  readonly deployment: Deployment;
  readonly candidate: string;
  readonly load: LoadScenario;
  readonly platform: Platform;
  readonly autoscaler: AutoscalerTiming;
  readonly kubernetes: Kubernetes;
  readonly modelPath: string;
  readonly modelSha256: string;
  readonly dir: string;
  readonly seed: number;
  readonly progress: Progress;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** The platform when the load began. */
export type PlatformSnapshot = Pick<Measurement, "asked" | "pod" | "enforcement" | "systemPods"> & {
  readonly ready: number;
  readonly pending: Readonly<Measurement["pending"]>;
  readonly nodes: Readonly<Measurement["nodes"]>;
  /** Every replica, those that end included; `phase` in Kubernetes' words. */
  readonly replicas: readonly {
    readonly name: string;
    readonly node: string | null;
    readonly phase: string;
    readonly ready: boolean;
  }[];
};

export interface MeasuredPlatform {
  readonly url: string;
  readonly events: readonly PlatformEvent[];
  /** Seconds from start to readiness of every replica. */
  readonly readySeconds: readonly number[];
  snapshot(): Promise<PlatformSnapshot>;
  sample(signal: AbortSignal): Promise<ResourceSample>;
  /** Drives the load from somewhere else than this process; runSeries from here where it is left out. */
  readonly drive?: (url: string) => Promise<LoadResult>;
  /** Files beside the record that only this platform has, by what they hold. */
  writeFiles?(dir: string): Promise<Record<string, string>>;
  /** Fields of the record that only this platform has. */
  readonly about?: Pick<Measurement, "cluster">;
  stop(): Promise<void>;
}
