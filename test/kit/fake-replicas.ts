/** For tests of the platform without processes: replicas in a test's hand, on a fake clock. */
import { noLimiter } from "../../src/deploy/local/limits.ts";
import type { PodWorld } from "../../src/deploy/local/pod.ts";
import type { ReplicaExit, ReplicaProcess } from "../../src/deploy/local/replica.ts";
import type { PlatformEvent } from "../../src/records/measurement.ts";
import { FakeClock } from "./fake-clock.ts";

export class FakeReplica {
  readonly pid: number;
  isReady = true;
  cpuNanoseconds = 0;
  /** What it was asked, in order: the grace periods of `stop`. */
  readonly stops: number[] = [];
  readonly #exited = Promise.withResolvers<ReplicaExit>();

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Ends by itself. */
  crash(detail = "exit code 1"): void {
    this.#exited.resolve({ detail, signal: null });
  }

  /** As the platform sees it; its port is its process id. */
  get process(): ReplicaProcess {
    return {
      pid: this.pid,
      port: Promise.resolve(this.pid),
      exited: this.#exited.promise,
      stop: async (graceMs) => {
        this.stops.push(graceMs);
        this.#exited.resolve({ detail: "exit code 0", signal: null });
      },
    };
  }
}

export interface FakeWorld {
  readonly world: PodWorld;
  readonly clock: FakeClock;
  /** Every replica that was started, in the order of the start. */
  readonly replicas: FakeReplica[];
  readonly events: PlatformEvent[];
}

/** @param settings of new replicas, as they start */
export function fakeWorld(settings: { readonly readyAtStart: boolean } = { readyAtStart: true }): FakeWorld {
  const clock = new FakeClock();
  const replicas: FakeReplica[] = [];
  const events: PlatformEvent[] = [];
  const byPid = (pid: number) => replicas.find((replica) => replica.pid === pid)!;
  const world: PodWorld = {
    clock,
    limiter: noLimiter("no processes"),
    requests: { cpuMillis: 1000, memoryBytes: 1000 },
    limits: { cpuMillis: 2000, memoryBytes: 2000 },
    command: { file: "none", args: [] },
    timeScale: 1,
    readySeconds: [],
    startReplica() {
      const replica = new FakeReplica(replicas.length + 1);
      replica.isReady = settings.readyAtStart;
      replicas.push(replica);
      return replica.process;
    },
    isReady: async (port) => byPid(port).isReady,
    readTreeUsage: (pid) => ({ cpuNanoseconds: byPid(pid).cpuNanoseconds, memoryBytes: 1000 }),
    note: (kind, replica, detail) => void events.push({ epochMs: clock.epochMs(), kind, replica, detail }),
  };
  return { world, clock, replicas, events };
}
