/** For tests of the service: workers without processes, a model file that exists, and an application with both. */
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { FulcrumError } from "../../src/errors/index.ts";
import { buildApp, type DrainState } from "../../src/serve/app.ts";
import type { LiveAccuracy } from "../../src/serve/live.ts";
import type { FromWorker, PhotoForm, ServedModel } from "../../src/serve/messages.ts";
import { loadPage } from "../../src/serve/page.ts";
import { InferencePool } from "../../src/serve/pool.ts";
import { createTelemetry } from "../../src/serve/telemetry.ts";
import { UploadMemory } from "../../src/serve/upload-memory.ts";
import type { StartWorker, WorkerEvents } from "../../src/serve/worker-link.ts";
import { FakeClock, settle } from "./fake-clock.ts";

export const fakeModel: ServedModel = {
  classes: ["Bread", "Egg", "Soup"],
  inputs: [{ name: "image", size: 2 }],
  bases: ["toy"],
  synthetic: true,
  sha256: "ab",
};
export const adminToken = "a-token-for-tests-only";
export const fakeUsage = { cpuSeconds: 1.5, residentBytes: 64e6 };

/** A worker in a test's hand: it does what the test tells it. */
export class FakeWorker {
  readonly photos: Uint8Array[] = [];
  readonly forms: PhotoForm[] = [];
  /** Of each photo, whether it was the only one. */
  readonly lone: boolean[] = [];
  isClosed = false;
  isKilled = false;
  readonly #events: WorkerEvents;

  constructor(events: WorkerEvents) {
    this.#events = events;
  }

  say(header: FromWorker, body: Uint8Array = new Uint8Array()): void {
    this.#events.onFrame({ header, body });
  }

  becomeReady(model: ServedModel = fakeModel): void {
    this.say({ kind: "ready", model });
  }

  answer(probabilities: readonly number[] = [0.7, 0.2, 0.1]): void {
    const body = new Uint8Array(Float32Array.from(probabilities).buffer);
    this.say({ kind: "answer", decodeMs: 2, inferenceMs: 6, usage: fakeUsage }, body);
  }

  fail(code: string | null, context: Record<string, string | number> = {}): void {
    this.say({ kind: "failed", error: { code, message: "as told by the test", context } });
  }

  exit(reason = "ended by SIGSEGV"): void {
    this.#events.onExit(reason);
  }
}

/** Starts fake workers and keeps them in the order of their start. Closing and killing end them at once. */
export function fakeWorkers(): { readonly started: FakeWorker[]; readonly startWorker: StartWorker } {
  const started: FakeWorker[] = [];
  const startWorker: StartWorker = (events) => {
    const worker = new FakeWorker(events);
    started.push(worker);
    return {
      send({ header, body }) {
        if (header.kind !== "classify") return;
        worker.photos.push(body);
        worker.forms.push(header.form);
        worker.lone.push(header.isLone);
      },
      close() {
        worker.isClosed = true;
        queueMicrotask(() => worker.exit("exit code 0"));
      },
      kill() {
        worker.isKilled = true;
        queueMicrotask(() => worker.exit("ended by SIGKILL"));
      },
    };
  };
  return { started, startWorker };
}

export interface FakeService {
  readonly app: FastifyInstance;
  readonly pool: InferencePool;
  readonly workers: FakeWorker[];
  readonly clock: FakeClock;
  readonly drain: DrainState;
  readonly uploads: UploadMemory;
  /** What was logged, as text. */
  log(): string;
}

/** The application with one fake worker that answers each photo at once, or only when told. */
export async function fakeService(
  options: {
    queueLimit?: number;
    maxUploadBytes?: number;
    answersAtOnce?: boolean;
    isReady?: boolean;
    live?: LiveAccuracy;
  } = {},
): Promise<FakeService> {
  const { queueLimit = 2, maxUploadBytes = 1000, answersAtOnce = true, isReady = true } = options;
  const clock = new FakeClock();
  const { started, startWorker } = fakeWorkers();
  const answering: StartWorker = (events, place) => {
    const link = startWorker(events, place);
    const worker = started.at(-1)!;
    const send: typeof link.send = (frame) => {
      link.send(frame);
      if (answersAtOnce) queueMicrotask(() => worker.answer());
    };
    return { ...link, send };
  };
  const pool = new InferencePool({
    workers: 1,
    queueLimit,
    maxWaitMs: 60_000,
    runLimitMs: 10_000,
    startWorker: answering,
    clock,
  });
  const uploads = new UploadMemory(10 * maxUploadBytes);
  const drain: DrainState = { isDraining: false };
  const telemetry = createTelemetry({
    waiting: () => pool.waiting,
    readyWorkers: () => pool.readyWorkers,
    isDraining: () => drain.isDraining,
  });
  pool.watch({
    answered: telemetry.photoAnswered,
    workerUsage: telemetry.workerUsage,
    workerLost: telemetry.workerLost,
  });
  void pool.opened.then(telemetry.modelOpened);
  const lines: string[] = [];
  const app = await buildApp({
    pool,
    page: await loadPage(),
    telemetry,
    drain,
    log: pino({ level: "debug" }, { write: (line) => void lines.push(line) }),
    testPhoto: Buffer.from("the bundled photo"),
    maxUploadBytes,
    maxPhotos: 3,
    maxRequestBytes: 2 * maxUploadBytes,
    uploads,
    live: options.live,
    times: { headersMs: 10_000, wholeMs: 60_000 },
    modelName: "toy",
    admin: {
      token: adminToken,
      reload: async (path) => {
        if (path === "bad") throw new FulcrumError("SERVE_RELOAD_FAILED", { problem: "it is a test." });
        return { model: { ...fakeModel, sha256: "cd" }, previous: fakeModel };
      },
    },
  });
  if (isReady) started[0]!.becomeReady();
  await settle();
  return { app, pool, workers: started, clock, drain, uploads, log: () => lines.join("") };
}

/** A multipart body of files and fields, and its content type. */
export function multipartBody(
  parts: readonly { readonly name: string; readonly content: Uint8Array | string; readonly fileName?: string }[],
): { payload: Buffer; headers: { "content-type": string } } {
  const boundary = "fulcrum-test-boundary";
  const chunks = parts.flatMap(({ name, content, fileName }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`,
    fileName === undefined ? "\r\n\r\n" : `; filename="${fileName}"\r\ncontent-type: image/jpeg\r\n\r\n`,
    content,
    "\r\n",
  ]);
  const payload = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk)));
  return { payload, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}
