/**
 * Whether the queue takes another photo: refusing early is kinder than answering late. Two bounds hold, the queue's
 * length and the wait that a newcomer would have; readiness follows with hysteresis, so that a balancer does not see
 * it flap. Pure.
 */
import { FulcrumError } from "../errors/index.ts";

export interface AdmissionBounds {
  /** Photos that may wait while all workers are busy. */
  readonly queueLimit: number;
  /** A photo that would wait longer than this is refused. */
  readonly maxWaitMs: number;
}

/** What the queue looks like now. */
export interface QueueLoad {
  /** Photos that wait. */
  readonly waiting: number;
  /** Workers that could take a photo at once. */
  readonly freeWorkers: number;
  readonly workers: number;
  /** Mean time of a worker for a photo, ms; 0 before the first. */
  readonly meanRunMs: number;
}

/** Below this share of its bounds an overloaded service is ready again. */
const recoveredShare = 0.5;

export class Admission {
  readonly #bounds: AdmissionBounds;
  #isOverloaded = false;

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  /** @throws SERVE_OVERLOADED where `count` more photos would break a bound, with the time to come back */
  check(load: QueueLoad, count = 1): void {
    const { queueLimit, maxWaitMs } = this.#bounds;
    const isFull = load.waiting + count > queueLimit + load.freeWorkers;
    if (!isFull && estimatedWaitMs(load) <= maxWaitMs) return;
    this.#isOverloaded = true;
    const seconds = Math.max(1, Math.ceil(estimatedWaitMs(load) / 1000));
    throw new FulcrumError("SERVE_OVERLOADED", { waiting: load.waiting, seconds });
  }

  /** True from the first refusal until queue and wait are below half of their bounds. */
  isOverloaded(load: QueueLoad): boolean {
    const { queueLimit, maxWaitMs } = this.#bounds;
    const isRecovered =
      load.waiting <= queueLimit * recoveredShare && estimatedWaitMs(load) <= maxWaitMs * recoveredShare;
    if (isRecovered) this.#isOverloaded = false;
    return this.#isOverloaded;
  }
}

/** Wait of a photo that comes now: those before it, shared among the workers. */
export function estimatedWaitMs({ waiting, workers, meanRunMs }: QueueLoad): number {
  return (waiting * meanRunMs) / workers;
}
