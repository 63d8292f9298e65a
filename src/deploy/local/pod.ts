/**
 * A pod of the embedded platform: one replica from its place on a node to its end, through crashes and restarts.
 * As on a cluster it is Pending without a node, Running from its process's start on, and out of the balancer while
 * its readiness probe fails.
 */
import type { Clock } from "../../base/clock.ts";
import { problemOf } from "../../base/files.ts";
import type { Resources } from "../../config/deployment.ts";
import { delayAfterCrash, freshRestartState, type RestartState } from "../../policy/restart.ts";
import type { PlatformEvent } from "../../records/measurement.ts";
import { Backend } from "./backend.ts";
import { answerTimeoutMs } from "./balancer.ts";
import type { Limiter, ReplicaGroup } from "./limits.ts";
import type { ReplicaCommand, ReplicaExit, ReplicaProcess } from "./replica.ts";
import type { ReplicaUsage } from "./usage.ts";

/** What pods need of the world; tests put fakes in. */
export interface PodWorld {
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly requests: Resources;
  readonly limits: Resources;
  readonly command: ReplicaCommand;
  /** Back-off delays are divided by it. */
  readonly timeScale: number;
  /** Grows by the seconds from a process's start to its first readiness. */
  readonly readySeconds: number[];
  startReplica(command: ReplicaCommand): ReplicaProcess;
  isReady(port: number, timeoutMs: number): Promise<boolean>;
  /** CPU and memory of a process and its children where no group counts them; null where that is not known. */
  readTreeUsage(pid: number): ReplicaUsage | null;
  note(kind: PlatformEvent["kind"], replica: string | null, detail: string): void;
}

export type PodPhase = "Pending" | "Running" | "CrashLoopBackOff" | "Terminating";

/** Readiness probe: often until ready, then every second; three failures in a row take the replica out. */
const probe = { startingPeriodMs: 100, periodMs: 1000, timeoutMs: 2000, failureThreshold: 3 } as const;
/** terminationGracePeriodSeconds' default. */
export const terminationGraceMs = 30_000;

export class Pod {
  readonly name: string;
  /** Grows with every pod that is made. */
  readonly ordinal: number;
  /** null while it is Pending. */
  node: string | null = null;
  pendingReason: string | null = null;
  /** When a node took it on, by the clock's nowMs. */
  startMs: number | null = null;
  /** When readiness last changed; starting unready counts as a change. */
  readyChangedMs: number | null = null;
  /** Processes that ended without being asked to. */
  restarts = 0;
  lastCrash: string | null = null;
  readonly #world: PodWorld;
  readonly #ended = new AbortController();
  #isReady = false;
  #process: ReplicaProcess | null = null;
  #backend: Backend | null = null;
  #group: ReplicaGroup | null = null;
  #restartState: RestartState = freshRestartState;
  #life: Promise<void> = Promise.resolve();

  constructor(world: PodWorld, ordinal: number) {
    this.#world = world;
    this.ordinal = ordinal;
    this.name = `replica-${ordinal}`;
  }

  get isEnding(): boolean {
    return this.#ended.signal.aborted;
  }

  get isReady(): boolean {
    return this.#isReady && !this.isEnding;
  }

  get readySinceMs(): number | null {
    return this.isReady ? this.readyChangedMs : null;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get phase(): PodPhase {
    if (this.isEnding) return "Terminating";
    if (this.node === null) return "Pending";
    return this.#process ? "Running" : "CrashLoopBackOff";
  }

  /** For the balancer; null unless it may take requests. */
  get backend(): Backend | null {
    return this.isReady ? this.#backend : null;
  }

  /** null while there is no process, or where this machine does not tell. */
  usage(): ReplicaUsage | null {
    if (this.pid === null) return null;
    return this.#group?.usage() ?? this.#world.readTreeUsage(this.pid);
  }

  /** A node takes it on: it starts, and starts again after every crash, until `end`. */
  start(node: string): void {
    this.node = node;
    this.pendingReason = null;
    this.startMs = this.#world.clock.nowMs();
    this.#setReady(false);
    this.#life = this.#live();
  }

  /**
   * Takes it out of the balancer at once, lets it answer what it has, then ends its process (SIGTERM, after the grace
   * period SIGKILL). Resolves when nothing of it is left.
   */
  async end(): Promise<void> {
    this.#ended.abort();
    const { clock } = this.#world;
    const deadlineMs = clock.nowMs() + terminationGraceMs;
    if (this.#backend) await raceAgainst(clock, terminationGraceMs, this.#backend.idle());
    await this.#process?.stop(Math.max(0, deadlineMs - clock.nowMs()));
    await this.#life;
  }

  async #live(): Promise<void> {
    const { clock, timeScale, note } = this.#world;
    while (!this.isEnding) {
      const startedMs = clock.nowMs();
      const detail = await this.#runOnce();
      if (this.isEnding) break;
      const { delayMs, state } = delayAfterCrash(this.#restartState, (clock.nowMs() - startedMs) * timeScale);
      this.#restartState = state;
      this.restarts++;
      this.lastCrash = detail;
      const waitMs = delayMs / timeScale;
      note("crashed", this.name, `${detail}; restarts ${waitMs === 0 ? "at once" : `in ${waitMs / 1000} s`}`);
      await nap(clock, waitMs, this.#ended.signal);
    }
    await this.#group?.remove();
  }

  /** One process from start to end; resolves with how it ended, in words. */
  async #runOnce(): Promise<string> {
    const { limiter, requests, limits, command, startReplica, clock, note } = this.#world;
    const life = new AbortController();
    let killsBefore = 0;
    let exit: ReplicaExit;
    try {
      this.#group ??= limiter.create(this.name, requests, limits);
      killsBefore = this.#group.outOfMemoryKills();
      const replica = startReplica(command);
      this.#process = replica;
      this.#limit(replica, this.#group);
      note("started", this.name, `process ${replica.pid ?? "none"} on ${this.node}`);
      const startedMs = clock.nowMs();
      void replica.port.then((port) => this.#watch(port, startedMs, killsBefore, life.signal));
      exit = await replica.exited;
    } catch (error) {
      return `it cannot be started: ${problemOf(error)}`;
    } finally {
      life.abort();
      this.#process = null;
      this.#setReady(false);
      await this.#backend?.close();
      this.#backend = null;
    }
    return this.#group.outOfMemoryKills() > killsBefore ? `OOMKilled: ${exit.detail}` : exit.detail;
  }

  /** A process that cannot be put under its limits is not let run without them. */
  #limit(replica: ReplicaProcess, group: ReplicaGroup): void {
    if (replica.pid === null) return;
    try {
      group.add(replica.pid);
    } catch (error) {
      void replica.stop(0);
      throw error;
    }
  }

  async #watch(port: number, startedMs: number, killsBefore: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { clock } = this.#world;
    this.#backend = new Backend(this.name, this.ordinal, port, answerTimeoutMs);
    let failures = 0;
    let wasReady = false;
    while (!signal.aborted && !this.isEnding) {
      const passed = await this.#world.isReady(port, probe.timeoutMs);
      if (signal.aborted || this.isEnding) return;
      failures = passed ? 0 : failures + 1;
      if (passed && !this.#isReady) {
        const seconds = (clock.nowMs() - startedMs) / 1000;
        if (!wasReady) this.#world.readySeconds.push(seconds);
        this.#setReady(true);
        this.#world.note("ready", this.name, wasReady ? "again" : `after ${seconds.toFixed(2)} s`);
        wasReady = true;
      } else if (this.#isReady && failures >= probe.failureThreshold) {
        this.#setReady(false);
        this.#world.note("unready", this.name, `${failures} readiness probes failed`);
      }
      this.#endAfterMemoryKill(killsBefore);
      await nap(clock, this.#isReady ? probe.periodMs : probe.startingPeriodMs, signal);
    }
  }

  /** The kernel may have taken one process of several; a container ends as a whole then (cgroup v2: oom.group). */
  #endAfterMemoryKill(killsBefore: number): void {
    if (this.#group && this.#group.outOfMemoryKills() > killsBefore) void this.#process?.stop(0);
  }

  #setReady(isReady: boolean): void {
    if (this.#isReady === isReady && this.readyChangedMs !== null) return;
    this.#isReady = isReady;
    this.readyChangedMs = this.#world.clock.nowMs();
  }
}

/** Sleeps; wakes early, without an error, at the signal. */
export async function nap(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await clock.sleep(ms, signal).catch(() => {});
}

async function raceAgainst(clock: Clock, ms: number, event: Promise<void>): Promise<void> {
  const won = new AbortController();
  await Promise.race([event, nap(clock, ms, won.signal)]);
  won.abort();
}
