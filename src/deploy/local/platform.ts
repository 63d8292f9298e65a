/**
 * The embedded platform: keeps as many pods as are asked for, packs them into the declared nodes, and lets go of
 * those that are too many. What a ReplicaSet and the scheduler do on a cluster; decisions are those of policy/.
 */
import type { Platform, Resources } from "../../config/deployment.ts";
import { type NodeRoom, placeReplica } from "../../policy/pack.ts";
import { chooseForRemoval } from "../../policy/scale-down.ts";
import type { Backend } from "./backend.ts";
import { Pod, type PodWorld } from "./pod.ts";

export class LocalPlatform {
  readonly #declared: Platform;
  readonly #world: PodWorld;
  #pods: Pod[] = [];
  readonly #ending = new Map<Pod, Promise<void>>();
  #lastOrdinal = 0;
  #isStopped = false;

  constructor(declared: Platform, world: PodWorld) {
    this.#declared = declared;
    this.#world = world;
  }

  /** The pods that are asked for, oldest first. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** Pods that still hold their place on a node while they end. */
  get endingPods(): readonly Pod[] {
    return [...this.#ending.keys()].filter(({ node }) => node !== null);
  }

  get readyBackends(): readonly Backend[] {
    return this.#pods.flatMap(({ backend }) => backend ?? []);
  }

  /** Each declared node with what system pods and pods on it request. */
  get nodes(): NodeRoom[] {
    const { nodes, systemPods } = this.#declared;
    const placed = [...this.#pods, ...this.endingPods];
    return nodes.map(({ name, cpu, memory }) => {
      const replicas = placed.filter(({ node }) => node === name).length;
      return {
        name,
        capacity: { cpuMillis: cpu, memoryBytes: memory },
        requested: addTimes(systemPods.requests, this.#world.requests, replicas),
        replicas,
      };
    });
  }

  /** Asks for so many pods. */
  scaleTo(count: number): void {
    if (this.#isStopped) return;
    while (this.#pods.length < count) this.#pods.push(new Pod(this.#world, ++this.#lastOrdinal));
    for (const pod of chooseForRemoval(this.#pods, Math.max(0, this.#pods.length - count))) this.#end(pod);
    this.#place();
  }

  /** Ends every pod; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const pod of [...this.#pods]) this.#end(pod);
    await Promise.all(this.#ending.values());
  }

  #place(): void {
    for (const pod of this.#pods.filter(({ node }) => node === null)) {
      const placement = placeReplica(this.nodes, this.#world.requests);
      if ("node" in placement) {
        this.#world.note("scheduled", pod.name, `on ${placement.node}`);
        pod.start(placement.node);
      } else {
        if (pod.pendingReason === null) this.#world.note("pending", pod.name, placement.reason);
        pod.pendingReason = placement.reason;
      }
    }
  }

  #end(pod: Pod): void {
    this.#pods = this.#pods.filter((other) => other !== pod);
    const ended = pod.end().then(() => {
      this.#ending.delete(pod);
      if (pod.node === null) return;
      this.#world.note("stopped", pod.name, `its room on ${pod.node} is free`);
      this.#place();
    });
    this.#ending.set(pod, ended);
  }
}

/** `base` and `count` times `amounts`. */
export function addTimes(base: Resources, amounts: Resources, count: number): Resources {
  return {
    cpuMillis: base.cpuMillis + count * amounts.cpuMillis,
    memoryBytes: base.memoryBytes + count * amounts.memoryBytes,
  };
}
