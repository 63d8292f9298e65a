/**
 * A place for one worker that heals: starts it, gives it one photo at a time, ends it where a run takes too long,
 * and replaces it when it is gone. Knows nothing of queues.
 */
import assert from "node:assert/strict";
import type { Clock } from "../base/clock.ts";
import { catalogue, type ErrorCode, FulcrumError } from "../errors/index.ts";
import type { AnswerMessage, FailedMessage, FromWorkerFrame, PhotoForm, ServedModel } from "./messages.ts";
import type { WorkerEvents, WorkerLink } from "./worker-link.ts";

/** What a worker gave for one photo. */
export interface RunResult {
  readonly model: ServedModel;
  /** In the order of the model's classes. */
  readonly probabilities: Float32Array;
  readonly answer: AnswerMessage;
}

/** The worker went away under a run; the photo was not classified. */
export class WorkerLostError extends Error {
  override readonly name = "WorkerLostError";
  readonly reason: "crashed" | "hung";

  constructor(reason: "crashed" | "hung", problem: string) {
    super(problem);
    this.reason = reason;
  }
}

export interface SlotOptions {
  startWorker(events: WorkerEvents): WorkerLink;
  readonly clock: Clock;
  /** A run over this counts as hung. */
  readonly runLimitMs: number;
  onReady(model: ServedModel): void;
  /** The slot can take a photo. */
  onFree(): void;
  onLost(problem: string): void;
  /** The slot starts no more workers. */
  onGivenUp(error: FulcrumError): void;
}

/** Failed starts in a row after which a slot gives up; the process should end then and be replaced as a whole. */
const maxFailedStarts = 4;
const firstBackoffMs = 100;
/** A worker that is not ready by then counts as hung; large models take seconds. */
const startLimitMs = 60_000;

interface Run {
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
  /** Stops the clock of the run. */
  readonly ended: AbortController;
  /** Resolves when the run has ended in any way. */
  readonly over: PromiseWithResolvers<void>;
}

export class WorkerSlot {
  readonly #options: SlotOptions;
  readonly #gone = Promise.withResolvers<void>();
  /** "away": between two workers, or for good. "ending": the worker was told or made to end. */
  #state: "starting" | "ready" | "ending" | "away" = "away";
  #link: WorkerLink | undefined;
  #model: ServedModel | undefined;
  #run: Run | undefined;
  #isRetired = false;
  #isClosing = false;
  #failedStarts = 0;
  #startWatch = new AbortController();

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#start();
  }

  /** The worker has opened the model and runs. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** What its worker has opened, or its predecessor had. */
  get model(): ServedModel | undefined {
    return this.#model;
  }

  /** It is ready and has nothing to do. */
  get isFree(): boolean {
    return this.#state === "ready" && this.#run === undefined && !this.#isRetired;
  }

  /**
   * Classifies one photo; only on a free slot.
   * @throws WorkerLostError; FulcrumError of the photo (IMAGE_...); Error for what nobody expected in the worker
   */
  run(photo: Uint8Array, form: PhotoForm, isLone: boolean): Promise<RunResult> {
    assert(this.#link && this.isFree, "run() needs a free slot");
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    const run: Run = { resolve, reject, ended: new AbortController(), over: Promise.withResolvers() };
    this.#run = run;
    this.#link.send({ header: { kind: "classify", form, isLone }, body: photo });
    this.#after(this.#options.runLimitMs, run.ended.signal, () => this.#endHungRun(run));
    return promise;
  }

  /** Takes no more photos, and closes when the run under way is over. */
  async retire(graceMs: number): Promise<void> {
    this.#isRetired = true;
    await this.#run?.over.promise;
    await this.close(graceMs);
  }

  /** Lets the worker end, kills it after `graceMs`; resolves when it is gone. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    if (!this.#link) return;
    this.#state = "ending";
    this.#link.close();
    const ended = new AbortController();
    this.#after(graceMs, ended.signal, () => this.#link?.kill());
    await this.#gone.promise;
    ended.abort();
  }

  #start(): void {
    if (this.#isClosing) return;
    this.#state = "starting";
    this.#startWatch = new AbortController();
    this.#after(startLimitMs, this.#startWatch.signal, () => this.#link?.kill());
    this.#link = this.#options.startWorker({
      onFrame: (frame) => this.#receive(frame),
      onExit: (problem) => this.#replace(problem),
    });
  }

  #receive({ header, body }: FromWorkerFrame): void {
    if (this.#state === "starting") {
      if (header.kind === "ready") this.#becomeReady(header.model);
      else if (header.kind === "failed") this.#giveUp(errorOf(header));
    } else if (header.kind === "answer") {
      const probabilities = new Float32Array(Uint8Array.from(body).buffer);
      this.#endRun()?.resolve({ model: this.#model!, probabilities, answer: header });
      this.#options.onFree();
    } else if (header.kind === "failed") {
      this.#endRun()?.reject(errorOf(header));
      this.#options.onFree();
    }
  }

  #becomeReady(model: ServedModel): void {
    this.#state = "ready";
    this.#startWatch.abort();
    this.#model = model;
    this.#failedStarts = 0;
    this.#options.onReady(model);
    this.#options.onFree();
  }

  #endRun(): Run | undefined {
    const run = this.#run;
    this.#run = undefined;
    // A reason that costs nothing: the default one is an error with a stack.
    run?.ended.abort("the run is over");
    run?.over.resolve();
    return run;
  }

  #endHungRun(run: Run): void {
    this.#state = "ending";
    this.#endRun();
    this.#link?.kill();
    run.reject(new WorkerLostError("hung", `no answer after ${this.#options.runLimitMs / 1000} s`));
  }

  /** The worker is gone: its run is told, and another one starts, after a failed start later and later. */
  #replace(problem: string): void {
    const failedToStart = this.#state === "starting";
    this.#startWatch.abort();
    this.#state = "away";
    this.#link = undefined;
    this.#endRun()?.reject(new WorkerLostError("crashed", problem));
    if (this.#isClosing) {
      this.#gone.resolve();
      return;
    }
    this.#options.onLost(problem);
    if (this.#isRetired) return;
    if (failedToStart) this.#failedStarts++;
    if (this.#failedStarts === 0) this.#start();
    else if (this.#failedStarts === maxFailedStarts) this.#giveUp(new Error(problem));
    else this.#after(firstBackoffMs * 2 ** this.#failedStarts, undefined, () => this.#start());
  }

  /** A model that cannot be opened, or starts that keep failing: another worker would not help. */
  #giveUp(cause: Error): void {
    this.#isClosing = true;
    this.#link?.close();
    this.#options.onGivenUp(
      cause instanceof FulcrumError
        ? cause
        : new FulcrumError("SERVE_CANNOT_START", { problem: cause.message }, { cause }),
    );
  }

  #after(ms: number, signal: AbortSignal | undefined, act: () => void): void {
    this.#options.clock.sleep(ms, signal).then(act, () => {
      // Aborted: what was waited for came in time.
    });
  }
}

function errorOf({ error }: FailedMessage): Error {
  if (error.code === null || !Object.hasOwn(catalogue, error.code)) return new Error(error.message);
  // Both ends share one catalogue, so the context fits the code.
  return new FulcrumError(error.code as ErrorCode, error.context as never);
}
