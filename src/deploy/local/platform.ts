/**
 * The embedded platform: keeps the asked number of pods, packs them into the declared nodes, starts and watches their
 * processes, restarts what crashed with Kubernetes' back-off, and drains what goes.
 */
import type { Clock } from "../../base/clock.ts";
import { problemOf } from "../../base/files.ts";
import type { Platform, Resources } from "../../config/deployment.ts";
import { type NodeRoom, placeReplica } from "../../policy/pack.ts";
import { delayAfterCrash } from "../../policy/restart.ts";
import { chooseForRemoval } from "../../policy/scale-down.ts";
import type { PlatformEvent } from "../../records/measurement.ts";
import type { Backend } from "./balancer.ts";
import type { Limiter } from "./limits.ts";
import { newPod, type Pod } from "./pod.ts";
import { isReady, type ReplicaCommand, startReplica } from "./replica.ts";
import { usageOfTree } from "./usage.ts";

export interface PlatformOptions {
  readonly platform: Platform;
  readonly requests: Resources;
  readonly limits: Resources;
  readonly command: ReplicaCommand;
  readonly limiter: Limiter;
  readonly clock: Clock;
}

const probeStartingMs = 100;
const probeRunningMs = 1000;
const graceMs = 10_000;

export class LocalPlatform {
  readonly events: PlatformEvent[] = [];
  readonly readySeconds: number[] = [];
  readonly #options: PlatformOptions;
  readonly #pods: Pod[] = [];
  readonly #ending = new Set<Promise<void>>();
  readonly #over = new AbortController();
  #counter = 0;

  constructor(options: PlatformOptions) {
    this.#options = options;
  }

  /** Pods that are asked for, those that are ending left out. */
  get pods(): readonly Pod[] {
    return this.#pods.filter((pod) => !pod.deleting);
  }

  get backends(): readonly Backend[] {
    return this.#pods.flatMap((pod) => (pod.ready && !pod.deleting && pod.backend ? [pod.backend] : []));
  }

  /** Each declared node with what system pods and placed pods request. */
  get nodes(): NodeRoom[] {
    const { platform, requests } = this.#options;
    return platform.nodes.map(({ name, cpu, memory }) => {
      const pods = this.#pods.filter((pod) => pod.node === name).length;
      const { cpuMillis, memoryBytes } = platform.systemReserved;
      const requested = {
        cpuMillis: cpuMillis + pods * requests.cpuMillis,
        memoryBytes: memoryBytes + pods * requests.memoryBytes,
      };
      return { name, capacity: { cpuMillis: cpu, memoryBytes: memory }, requested, replicas: pods };
    });
  }

  note(kind: PlatformEvent["kind"], pod: string | null, detail: string): void {
    this.events.push({ epochMs: this.#options.clock.epochMs(), kind, replica: pod, detail });
  }

  /** Asks for so many pods. */
  scaleTo(count: number): void {
    for (let missing = count - this.pods.length; missing > 0; missing--) this.#pods.push(newPod(++this.#counter));
    const removable = this.pods.map((pod) => ({ ...pod, readySinceMs: pod.ready ? pod.readyChangedMs : null }));
    const names = new Set(chooseForRemoval(removable, Math.max(0, this.pods.length - count)).map(({ name }) => name));
    for (const pod of this.pods) if (names.has(pod.name)) this.#end(pod);
    this.#place();
  }

  /** Ends every pod. */
  async stop(): Promise<void> {
    this.#over.abort();
    for (const pod of [...this.#pods]) if (!pod.deleting) this.#end(pod);
    await Promise.all(this.#ending);
  }

  /** Reads CPU time and memory of every running pod. */
  async measure(): Promise<void> {
    await Promise.all(
      this.#pods.map(async (pod) => {
        if (!pod.process || !pod.group) return;
        const cpu = await pod.group.cpuSeconds().catch(() => null);
        const memory = await pod.group.memoryBytes().catch(() => null);
        const tree = cpu === null || memory === null ? await usageOfTree(pod.process.pid) : undefined;
        const reading = { atMs: this.#options.clock.nowMs(), cpuSeconds: cpu ?? tree?.cpuSeconds ?? 0 };
        pod.readings = [reading, ...pod.readings].slice(0, 2);
        pod.memoryBytes = memory ?? tree?.memoryBytes ?? 0;
      }),
    );
  }

  #place(): void {
    if (this.#over.signal.aborted) return;
    for (const pod of this.pods) {
      if (pod.node !== null) continue;
      const placement = placeReplica(this.nodes, this.#options.requests);
      if ("reason" in placement) {
        if (pod.pendingReason !== placement.reason) this.note("pending", pod.name, placement.reason);
        pod.pendingReason = placement.reason;
        continue;
      }
      pod.node = placement.node;
      pod.pendingReason = null;
      this.note("scheduled", pod.name, `on ${placement.node}`);
      void this.#live(pod);
    }
  }

  /** Starts the pod's process again and again until the pod is to go. */
  async #live(pod: Pod): Promise<void> {
    const { clock, limiter, requests, limits } = this.#options;
    while (!pod.deleting) {
      pod.group = await limiter.create({ name: `${pod.name}-${pod.restarts}`, requests, limits });
      if (pod.deleting) break;
      const startMs = clock.nowMs();
      const ended = await this.#runOnce(pod);
      const memory = await pod.group.wasKilledForMemory().catch(() => false);
      await pod.group.remove().catch(() => {});
      if (pod.deleting) return;
      pod.restarts++;
      this.note("crashed", pod.name, `${memory ? "OOMKilled" : ended}; restart ${pod.restarts}`);
      const { delayMs, state } = delayAfterCrash(pod.restartState, clock.nowMs() - startMs);
      pod.restartState = state;
      await clock.sleep(delayMs, this.#over.signal).catch(() => {});
    }
    await pod.group?.remove().catch(() => {});
  }

  /** One life of the process; resolves with how it ended, in words. */
  async #runOnce(pod: Pod): Promise<string> {
    const { clock, command } = this.#options;
    const process = startReplica(command);
    pod.process = process;
    pod.readings = [];
    pod.startMs = clock.nowMs();
    this.#setReady(pod, false);
    this.note("started", pod.name, `process ${process.pid}`);
    try {
      await pod.group?.add(process.pid);
    } catch (error) {
      if (process.pid > 0) this.note("unready", pod.name, `limits not set: ${problemOf(error)}`);
    }
    const life = { over: false };
    void this.#watchReadiness(pod, process.port, life);
    const ended = await process.exited;
    life.over = true;
    pod.process = null;
    pod.backend = null;
    this.#setReady(pod, false);
    return ended;
  }

  async #watchReadiness(pod: Pod, announced: Promise<number>, life: { over: boolean }): Promise<void> {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    const port = await announced;
    if (life.over) return;
    pod.backend = { name: pod.name, ordinal: pod.ordinal, port, inFlight: 0 };
    let isFirst = true;
    while (!life.over && !pod.deleting) {
      const ready = await isReady(port);
      if (life.over || pod.deleting) return;
      if (ready !== pod.ready) {
        this.#setReady(pod, ready);
        const seconds = (clock.nowMs() - startMs) / 1000;
        this.note(ready ? "ready" : "unready", pod.name, ready && isFirst ? `after ${seconds.toFixed(2)} s` : "");
        if (ready && isFirst) this.readySeconds.push(seconds);
        if (ready) isFirst = false;
      }
      await clock.sleep(pod.ready ? probeRunningMs : probeStartingMs);
    }
  }

  #setReady(pod: Pod, ready: boolean): void {
    if (pod.ready === ready && pod.readyChangedMs !== null) return;
    pod.ready = ready;
    pod.readyChangedMs = this.#options.clock.nowMs();
  }

  /** Takes the pod out of the balancer, then ends its process; its room is free once that is done. */
  #end(pod: Pod): void {
    pod.deleting = true;
    const ending = (async () => {
      await pod.process?.stop(graceMs);
      this.#pods.splice(this.#pods.indexOf(pod), 1);
      if (pod.node !== null) this.note("stopped", pod.name, "");
      this.#place();
    })();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}
