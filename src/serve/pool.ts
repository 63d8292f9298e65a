/**
 * The bounded queue in front of the inference workers: admits or refuses, hands each free worker one photo, and gives
 * a photo whose worker crashed one more try.
 */
import type { Clock } from "../base/clock.ts";
import { FulcrumError } from "../errors/index.ts";
import { Admission, type QueueLoad } from "./admission.ts";
import type { PhotoForm, ServedModel, WorkerUsage } from "./messages.ts";
import type { StartWorker } from "./worker-link.ts";
import { type RunResult, type SlotOptions, WorkerLostError, WorkerSlot } from "./worker-slot.ts";

/** One classified photo. */
export interface Answer {
  /** Who answered: during a reload two models are at work. */
  readonly model: ServedModel;
  /** In the order of the model's classes. */
  readonly probabilities: Float32Array;
  /** Waiting for a worker. */
  readonly queueMs: number;
  readonly decodeMs: number;
  /** Preparing (resizing) and running the model. */
  readonly inferenceMs: number;
  /** Photos in the same run; workers take one at a time. */
  readonly batchSize: number;
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
  /** A photo that would wait longer than this is refused at once. */
  readonly maxWaitMs: number;
  /** A run over this counts as hung: its worker is ended and replaced. */
  readonly runLimitMs: number;
  readonly startWorker: StartWorker;
  readonly clock: Clock;
}

/** What a photo needs of its worker. */
export interface PhotoNeeds {
  /** "photo" by default. */
  readonly form?: PhotoForm;
  /** SHA-256 of the only model that may answer it; any by default. */
  readonly model?: string | undefined;
}

interface Job {
  readonly photo: Uint8Array;
  readonly needs: PhotoNeeds;
  readonly queuedMs: number;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

/** A crash may have had nothing to do with the photo; after the second one the photo is under suspicion. */
const maxAttempts = 2;
/** A worker that has answered its last photo has nothing to do but to free the model. */
const retireGraceMs = 2000;
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
  readonly #admission: Admission;
  readonly #slots: WorkerSlot[];
  readonly #queue: Job[] = [];
  /** Starts the workers of the model that is served. */
  #startWorker: StartWorker;
  #model: ServedModel | undefined;
  /** Ends the reload under way, which may wait for a worker that never gets ready. */
  #abandonReload: ((reason: FulcrumError) => void) | undefined;
  readonly #fail: (error: FulcrumError) => void;
  #observer: PoolObserver | undefined;
  #meanRunMs = 0;
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    this.#startWorker = options.startWorker;
    const opened = Promise.withResolvers<ServedModel>();
    const failure = Promise.withResolvers<FulcrumError>();
    this.opened = opened.promise;
    this.failure = failure.promise;
    this.#fail = (error) => {
      this.#refuseAll();
      failure.resolve(error);
    };
    this.#slots = [this.#firstSlot(0, opened.resolve)];
  }

  /** The first worker starts alone, so that it has the cores to itself and the service is ready soon; then the others. */
  #firstSlot(worker: number, opened: (model: ServedModel) => void): WorkerSlot {
    return this.#newSlot(worker, this.#startWorker, {
      onReady: (model) => {
        this.#model ??= model;
        opened(model);
        while (!this.#isStopped && this.#slots.length < this.#options.workers)
          this.#slots.push(this.#firstSlot(this.#slots.length, opened));
      },
      onGivenUp: this.#fail,
    });
  }

  #newSlot(worker: number, startWorker: StartWorker, told: Pick<SlotOptions, "onReady" | "onGivenUp">): WorkerSlot {
    const { clock, runLimitMs } = this.#options;
    return new WorkerSlot({
      ...told,
      startWorker: (events) => startWorker(events, worker),
      clock,
      runLimitMs,
      onFree: () => this.#handOut(),
      onLost: (problem) => this.#observer?.workerLost(worker, problem),
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

  /** The model that new photos are answered by; undefined before the first worker has opened it. */
  get model(): ServedModel | undefined {
    return this.#model;
  }

  /** True while photos are refused for want of room, and until there is plenty again. */
  get isOverloaded(): boolean {
    return this.#admission.isOverloaded(this.#load());
  }

  /**
   * Refuses early what `classify` would refuse now, before a photo is read.
   * @throws SERVE_OVERLOADED, SERVE_NOT_READY
   */
  checkRoom(count = 1): void {
    if (this.#isStopped) throw stopping();
    this.#admission.check(this.#load(), count);
  }

  /**
   * Puts workers of another model in place of the present ones, one after the other: each new one is ready before its
   * predecessor ends, after its last photo. No request notices, and there is at most one worker more.
   * @throws SERVE_RELOADING while another reload runs; what the new model could not be opened for (the old one serves on)
   */
  async reload(startWorker: StartWorker): Promise<ServedModel> {
    if (this.#isStopped) throw stopping();
    if (!this.#model) throw new FulcrumError("SERVE_NOT_READY", { reason: "no inference worker is ready" });
    if (this.#abandonReload) throw new FulcrumError("SERVE_RELOADING", {});
    const abandoned = Promise.withResolvers<never>();
    this.#abandonReload = abandoned.reject;
    try {
      return await this.#replaceWorkers(startWorker, abandoned.promise);
    } finally {
      this.#abandonReload = undefined;
      abandoned.promise.catch(() => {});
    }
  }

  /**
   * Classifies one photo.
   * @param signal the client has left: a waiting photo is dropped
   * @param needs where it names a model and a reload has put another in its place: SERVE_NOT_READY
   * @throws SERVE_OVERLOADED, SERVE_NOT_READY, SERVE_WORKER_LOST, SERVE_WORKER_HUNG, IMAGE_...
   */
  async classify(photo: Uint8Array, signal: AbortSignal, needs: PhotoNeeds = {}): Promise<Answer> {
    signal.throwIfAborted();
    this.checkRoom();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const job: Job = { photo, needs, queuedMs: this.#options.clock.nowMs(), signal, resolve, reject, attempts: 0 };
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
    this.#abandonReload?.(stopping());
    for (const job of this.#queue.splice(0)) job.reject(stopping());
  }

  async #replaceWorkers(startWorker: StartWorker, abandoned: Promise<never>): Promise<ServedModel> {
    const previous = this.#startWorker;
    let replaced = 0;
    try {
      for (; replaced < this.#slots.length; replaced++)
        this.#model = await this.#replaceWorker(replaced, startWorker, abandoned);
      this.#startWorker = startWorker;
      return this.#model!;
    } catch (error) {
      // Not one model here and another there: those that have changed already go back.
      for (let i = 0; i < replaced && !this.#isStopped; i++)
        this.#model = await this.#replaceWorker(i, previous, abandoned);
      throw error;
    }
  }

  /** Resolves when the new worker is at work; its predecessor ends after its photo. */
  async #replaceWorker(worker: number, startWorker: StartWorker, abandoned: Promise<never>): Promise<ServedModel> {
    const ready = Promise.withResolvers<ServedModel>();
    let giveUp: (error: FulcrumError) => void = ready.reject;
    const slot = this.#newSlot(worker, startWorker, {
      onReady: ready.resolve,
      onGivenUp: (error) => giveUp(error),
    });
    try {
      const model = await Promise.race([ready.promise, abandoned]);
      giveUp = this.#fail;
      const [predecessor] = this.#slots.splice(worker, 1, slot);
      void predecessor!.retire(retireGraceMs);
      this.#handOut();
      return model;
    } catch (error) {
      await slot.close(0);
      throw error;
    }
  }

  #load(): QueueLoad {
    return {
      waiting: this.#queue.length,
      freeWorkers: this.#slots.filter((slot) => slot.isFree).length,
      workers: this.#options.workers,
      meanRunMs: this.#meanRunMs,
    };
  }

  #handOut(): void {
    const isLone = this.#queue.length === 1 && this.#slots.every((slot) => slot.isFree);
    for (const slot of this.#slots) {
      if (!slot.isFree) continue;
      const job = this.#nextFor(slot);
      if (!job) return;
      void this.#work(slot, job, isLone);
    }
  }

  /** The next photo that the slot's model may answer; those before it are refused. */
  #nextFor(slot: WorkerSlot): Job | undefined {
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
      const { model } = job.needs;
      if (model === undefined || model === slot.model?.sha256) return job;
      job.reject(modelReplaced());
    }
    return undefined;
  }

  async #work(slot: WorkerSlot, job: Job, isLone: boolean): Promise<void> {
    const startMs = this.#options.clock.nowMs();
    job.attempts++;
    try {
      const result = await slot.run(job.photo, job.needs.form ?? "photo", isLone);
      this.#noteRun(this.#options.clock.nowMs() - startMs);
      const answer = answerOf(result, startMs - job.queuedMs);
      this.#observer?.answered(answer);
      const worker = this.#slots.indexOf(slot);
      // A reload may have put another worker into its place meanwhile.
      if (worker >= 0) this.#observer?.workerUsage(worker, result.answer.usage);
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
}

/** For what only the model before a reload could answer. */
export function modelReplaced(): FulcrumError {
  return new FulcrumError("SERVE_NOT_READY", { reason: "its model was replaced meanwhile" });
}

function stopping(): FulcrumError {
  return new FulcrumError("SERVE_NOT_READY", { reason: "it is stopping" });
}

function answerOf({ model, probabilities, answer }: RunResult, queueMs: number): Answer {
  return { model, probabilities, queueMs, decodeMs: answer.decodeMs, inferenceMs: answer.inferenceMs, batchSize: 1 };
}
