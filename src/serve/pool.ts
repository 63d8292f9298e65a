/**
 * The bounded queue in front of the inference workers: admits or refuses, hands each free worker one photo, and gives
 * a photo whose worker crashed one more try.
 */
import type { Clock } from "../base/clock.ts";
import { FulcrumError } from "../errors/index.ts";
import type { ServedModel, WorkerUsage } from "./messages.ts";
import type { StartWorker } from "./worker-link.ts";
import { type RunResult, WorkerLostError, WorkerSlot } from "./worker-slot.ts";

/** One classified photo. */
export interface Answer {
  /** In the order of the model's classes. */
  readonly probabilities: Float32Array;
  /** Waiting for a worker. */
  readonly queueMs: number;
  readonly decodeMs: number;
  /** Preparing (resizing) and running the model. */
  readonly inferenceMs: number;
}

/** What the pool tells to whoever counts and logs. */
export interface PoolObserver {
  answered(answer: Answer): void;
  workerLost(worker: number, problem: string): void;
  workerUsage(worker: number, usage: WorkerUsage): void;
}

export interface PoolOptions {
  readonly workers: number;
  /** Photos that may wait while all workers are busy; one more is refused. */
  readonly queueLimit: number;
  /** A run over this counts as hung: its worker is ended and replaced. */
  readonly runLimitMs: number;
  readonly startWorker: StartWorker;
  readonly clock: Clock;
}

interface Job {
  readonly photo: Uint8Array;
  readonly queuedMs: number;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

/** A crash may have had nothing to do with the photo; after the second one the photo is under suspicion. */
const maxAttempts = 2;
/** Weight of the newest run in the running mean. */
const newestShare = 0.1;

export class InferencePool {
  /** The model, once a first worker has opened it. */
  readonly opened: Promise<ServedModel>;
  /**
   * Comes when a worker cannot be started any more. From then on photos are refused, and the process should end for
   * its platform to replace it.
   */
  readonly failure: Promise<FulcrumError>;
  readonly #options: PoolOptions;
  readonly #slots: readonly WorkerSlot[];
  readonly #queue: Job[] = [];
  #observer: PoolObserver | undefined;
  #meanRunMs = 0;
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const opened = Promise.withResolvers<ServedModel>();
    const failure = Promise.withResolvers<FulcrumError>();
    this.opened = opened.promise;
    this.failure = failure.promise;
    this.#slots = Array.from({ length: options.workers }, (_, worker) => {
      return new WorkerSlot({
        startWorker: options.startWorker,
        clock: options.clock,
        runLimitMs: options.runLimitMs,
        onReady: opened.resolve,
        onFree: () => this.#handOut(),
        onLost: (problem) => this.#observer?.workerLost(worker, problem),
        onGivenUp: (error) => {
          this.#refuseAll();
          failure.resolve(error);
        },
      });
    });
  }

  /** From now on tells what happens; workers start before whoever counts and logs is loaded. */
  watch(observer: PoolObserver): void {
    this.#observer = observer;
  }

  get readyWorkers(): number {
    return this.#slots.filter((slot) => slot.isReady).length;
  }

  /** Photos that wait for a worker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Refuses early what `classify` would refuse now, before a photo is read.
   * @throws SERVE_OVERLOADED, SERVE_NOT_READY
   */
  checkRoom(): void {
    if (this.#isStopped) throw stopping();
    if (this.#queue.length >= this.#options.queueLimit && !this.#slots.some((slot) => slot.isFree))
      throw this.#overloaded();
  }

  /**
   * Classifies one encoded photo.
   * @param signal the client has left: a waiting photo is dropped
   * @throws SERVE_OVERLOADED, SERVE_NOT_READY, SERVE_WORKER_LOST, SERVE_WORKER_HUNG, IMAGE_...
   */
  async classify(photo: Uint8Array, signal: AbortSignal): Promise<Answer> {
    this.checkRoom();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const job: Job = { photo, queuedMs: this.#options.clock.nowMs(), signal, resolve, reject, attempts: 0 };
    signal.addEventListener("abort", () => this.#drop(job), { once: true });
    this.#queue.push(job);
    this.#handOut();
    return await promise;
  }

  /** Refuses new photos and ends the workers: each after its run, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#refuseAll();
    await Promise.all(this.#slots.map((slot) => slot.close(graceMs)));
  }

  #refuseAll(): void {
    this.#isStopped = true;
    for (const job of this.#queue.splice(0)) job.reject(stopping());
  }

  #handOut(): void {
    for (const slot of this.#slots) {
      if (!slot.isFree) continue;
      const job = this.#queue.shift();
      if (!job) return;
      void this.#work(slot, job);
    }
  }

  async #work(slot: WorkerSlot, job: Job): Promise<void> {
    const startMs = this.#options.clock.nowMs();
    job.attempts++;
    try {
      const result = await slot.run(job.photo);
      this.#noteRun(this.#options.clock.nowMs() - startMs);
      const answer = answerOf(result, startMs - job.queuedMs);
      this.#observer?.answered(answer);
      this.#observer?.workerUsage(this.#slots.indexOf(slot), result.answer.usage);
      job.resolve(answer);
    } catch (error) {
      this.#handleFailure(job, error);
    }
  }

  #handleFailure(job: Job, error: unknown): void {
    const isRetried = error instanceof WorkerLostError && error.reason === "crashed" && job.attempts < maxAttempts;
    if (isRetried && !this.#isStopped && !job.signal.aborted) {
      this.#queue.unshift(job);
      this.#handOut();
    } else job.reject(error instanceof WorkerLostError ? this.#lost(job, error) : error);
  }

  /** A hung run has no second try: the client has waited the whole limit already. */
  #lost(job: Job, cause: WorkerLostError): FulcrumError {
    const seconds = this.#options.runLimitMs / 1000;
    return cause.reason === "hung"
      ? new FulcrumError("SERVE_WORKER_HUNG", { seconds }, { cause })
      : new FulcrumError("SERVE_WORKER_LOST", { attempts: job.attempts, problem: cause.message }, { cause });
  }

  #drop(job: Job): void {
    const place = this.#queue.indexOf(job);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    job.reject(job.signal.reason);
  }

  #noteRun(ms: number): void {
    this.#meanRunMs += (ms - this.#meanRunMs) * (this.#meanRunMs === 0 ? 1 : newestShare);
  }

  #overloaded(): FulcrumError {
    const waiting = this.#queue.length;
    const seconds = Math.max(1, Math.ceil((waiting * this.#meanRunMs) / this.#slots.length / 1000));
    return new FulcrumError("SERVE_OVERLOADED", { waiting, seconds });
  }
}

function stopping(): FulcrumError {
  return new FulcrumError("SERVE_NOT_READY", { reason: "it is stopping" });
}

function answerOf({ probabilities, answer }: RunResult, queueMs: number): Answer {
  return { probabilities, queueMs, decodeMs: answer.decodeMs, inferenceMs: answer.inferenceMs };
}
