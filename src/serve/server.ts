/**
 * The running service: workers, application, socket, and the way down. Order of start: workers first, because opening
 * the model takes longest and runs beside everything else. Order of the end: see `drain`.
 */
import { readFileSync } from "node:fs";
import { access, constants, mkdir } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { type AnswerStore, openAnswers } from "../answers/index.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { problemOf, readBytes } from "../base/files.ts";
import { cacheDir, projectDir } from "../config/paths.ts";
import { FulcrumError } from "../errors/index.ts";
import type { DrainState } from "./app.ts";
import { cgroupCpuLimit, defaultThreads, planWorkers, type WorkerPlan } from "./cores.ts";
import { liveAccuracy } from "./live.ts";
import type { ServedModel } from "./messages.ts";
import {
  type ModelSource,
  modelBytes,
  modelName,
  modelSource,
  pinnedWorkers,
  type Reloaded,
  readToken,
  type WorkersFor,
} from "./model-source.ts";
import type { ServeOptions } from "./options.ts";
import { photoFolder } from "./photo-folder.ts";
import { pinFile } from "./pinned-file.ts";
import { InferencePool } from "./pool.ts";
import type { Telemetry } from "./telemetry.ts";
import { UploadMemory } from "./upload-memory.ts";
import { childWorkers } from "./worker-link.ts";

export interface ServerInput {
  readonly modelPath: string;
  readonly options: ServeOptions;
  /** Encoded photo that GET /test classifies, in place of the one of the options. */
  readonly testPhoto?: Uint8Array;
  /** Tests put other workers and another clock in. */
  readonly workersFor?: WorkersFor;
  readonly clock?: Clock;
}

export interface RunningServer {
  readonly host: string;
  /** The port that is really listened on. */
  readonly port: number;
  readonly url: string;
  readonly plan: WorkerPlan;
  /** The model, once a first worker has opened it: /readyz answers 200 from then on. */
  readonly opened: Promise<ServedModel>;
  /** Comes when workers cannot be started any more: drain, and end the process. */
  readonly failure: Promise<FulcrumError>;
  /**
   * Ends the service without losing a request: /readyz says 503 at once; after the drain delay nothing new is
   * accepted; requests under way are answered and their connections closed; then the workers end.
   * @param delay false leaves the drain delay out: after a failure nobody has to be given time
   */
  drain(options?: { readonly delay: boolean }): Promise<void>;
  /**
   * Puts the model file of now, read again, in place of what is served; what happened is logged.
   * @throws SERVE_RELOAD_FAILED (the old model serves on), SERVE_RELOADING, SERVE_NOT_READY
   */
  reload(): Promise<Reloaded>;
}

/** After the last answer the workers have nothing to do but to free the model. */
const workerGraceMs = 2000;

/**
 * Starts workers and listens; resolves when the port is open, which may be before `opened`.
 * @throws FILE_UNREADABLE where there is no model file or test photo, SERVE_BOUNDS, SERVE_CANNOT_LISTEN
 */
export async function startServer(input: ServerInput): Promise<RunningServer> {
  const files = new DisposableStack();
  try {
    return await startHolding(input, files);
  } catch (error) {
    files.dispose();
    throw error;
  }
}

/** @param files what has to be closed at the end, or where the start fails */
async function startHolding(input: ServerInput, files: DisposableStack): Promise<RunningServer> {
  const { modelPath, options, clock = systemClock } = input;
  const token = options.adminToken === undefined ? undefined : await readToken(options.adminToken);
  const store = openStore(options);
  files.defer(() => store?.close());
  const preparedDir = await preparedFolder();
  const plan = planWorkers(options.threads ?? machineThreads(), await modelBytes(modelPath), preparedDir !== null);
  checkBounds(options, plan);
  const { threadsPerWorker: threads, loneThreads } = plan;
  const workersFor =
    input.workersFor ?? ((path) => childWorkers({ modelPath: path, threads, loneThreads, preparedDir }));
  const modelFile = pinFile(modelPath);
  const pool = new InferencePool({
    workers: plan.workers,
    queueLimit: options.queue,
    maxWaitMs: options.maxWait * 1000,
    runLimitMs: options.runLimit * 1000,
    startWorker: pinnedWorkers(modelFile, workersFor),
    clock,
  });
  const source = modelSource(pool, modelFile, workersFor);
  files.defer(() => source.release());
  const drain: DrainState = { isDraining: false };
  try {
    const { app, reload } = await composeApp({ pool, plan, input, drain, source, token, store, clock });
    const silent = watchSilentConnections(app);
    const port = await listen(app, options);
    return {
      host: options.host,
      port,
      url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
      plan,
      opened: pool.opened,
      failure: pool.failure,
      reload,
      async drain({ delay } = { delay: true }) {
        drain.isDraining = true;
        if (delay) await clock.sleep(options.drainDelay * 1000);
        const closed = app.close();
        silent.expire();
        await closed;
        await pool.stop(workerGraceMs);
        files.dispose();
      },
    };
  } catch (error) {
    await pool.stop(0);
    throw error;
  }
}

/** A request that the options allow has to fit in at some time. @throws SERVE_BOUNDS */
function checkBounds({ maxPhotos, queue, maxUpload, uploadMemory }: ServeOptions, { workers }: WorkerPlan): void {
  if (maxPhotos > queue + workers) {
    const problem = `--max-photos ${maxPhotos} is more than --queue ${queue} and ${workers} workers take together`;
    throw new FulcrumError("SERVE_BOUNDS", { problem, next: "raise --queue, or lower --max-photos" });
  }
  if (maxUpload > uploadMemory) {
    const problem = `--max-upload (${maxUpload} bytes) is more than --upload-memory (${uploadMemory} bytes)`;
    throw new FulcrumError("SERVE_BOUNDS", { problem, next: "raise --upload-memory, or lower --max-upload" });
  }
}

/** @throws ANSWERS_NEED_FILE, ANSWERS_UNUSABLE */
function openStore({ askShare, answers }: ServeOptions): AnswerStore | undefined {
  if (answers === undefined && askShare > 0) throw new FulcrumError("ANSWERS_NEED_FILE", { share: askShare });
  return answers === undefined ? undefined : openAnswers(answers);
}

interface Parts {
  readonly pool: InferencePool;
  readonly plan: WorkerPlan;
  readonly input: ServerInput;
  readonly drain: DrainState;
  readonly source: ModelSource;
  readonly token: string | undefined;
  readonly store: AnswerStore | undefined;
  readonly clock: Clock;
}

interface Composed {
  readonly app: FastifyInstance;
  reload(path?: string): Promise<Reloaded>;
}

/** The heavy modules load here, while the workers start. */
async function composeApp({ pool, plan, input, drain, source, token, store, clock }: Parts): Promise<Composed> {
  const { options, testPhoto, modelPath } = input;
  const [{ buildApp }, { loadPage }, { createTelemetry }, { pino }, photo] = await Promise.all([
    import("./app.ts"),
    import("./page.ts"),
    import("./telemetry.ts"),
    import("pino"),
    testPhoto ?? readBytes(options.testPhoto ?? join(projectDir, "assets", "test-photo.jpg")),
  ]);
  const log: FastifyBaseLogger = pino({ level: options.log, base: null }, pino.destination(2));
  const telemetry = createTelemetry({
    waiting: () => pool.waiting,
    readyWorkers: () => pool.readyWorkers,
    isDraining: () => drain.isDraining,
  });
  watchPool(pool, plan, telemetry, log);
  const reload = loggedReload(source, telemetry, log);
  const app = await buildApp({
    pool,
    page: await loadPage(),
    telemetry,
    drain,
    log,
    testPhoto: photo,
    maxUploadBytes: options.maxUpload,
    maxPhotos: options.maxPhotos,
    maxRequestBytes: Math.min(
      options.maxUpload * options.maxPhotos,
      Math.max(options.maxUpload, options.uploadMemory / 2),
    ),
    uploads: new UploadMemory(options.uploadMemory),
    times: { headersMs: options.headerTimeout * 1000, wholeMs: options.requestTimeout * 1000 },
    modelName: options.name ?? modelName(modelPath),
    live:
      store &&
      liveAccuracy({
        share: options.askShare,
        store,
        photos: options.keepPhotos === undefined ? undefined : photoFolder(options.keepPhotos, options.keepPhotosLimit),
        now: () => clock.epochMs(),
        counted: telemetry.questioned,
        failed: (error) => log.error({ problem: problemOf(error) }, "an answer of a user was not kept"),
      }),
    admin: token === undefined ? undefined : { token, reload },
  });
  return { app, reload };
}

function watchPool(pool: InferencePool, plan: WorkerPlan, telemetry: Telemetry, log: FastifyBaseLogger): void {
  pool.watch({
    answered: telemetry.photoAnswered,
    workerUsage: telemetry.workerUsage,
    workerLost(worker, problem) {
      telemetry.workerLost();
      log.warn({ worker, problem }, "an inference worker is gone and is replaced");
    },
  });
  void pool.opened.then((model) => {
    telemetry.modelOpened(model);
    log.info({ ...plan, bases: model.bases, classes: model.classes.length, sha256: model.sha256 }, "ready");
  });
}

function loggedReload(source: ModelSource, telemetry: Telemetry, log: FastifyBaseLogger): Composed["reload"] {
  return async (path) => {
    try {
      const reloaded = await source.reload(path);
      telemetry.reloaded("done");
      telemetry.modelOpened(reloaded.model);
      log.info({ sha256: reloaded.model.sha256, previous: reloaded.previous.sha256 }, "the model was replaced");
      return reloaded;
    } catch (error) {
      telemetry.reloaded("failed");
      log.error({ problem: problemOf(error) }, "the model was not replaced");
      throw error;
    }
  };
}

/** @throws SERVE_CANNOT_LISTEN */
async function listen(app: FastifyInstance, { host, port }: ServeOptions): Promise<number> {
  try {
    await app.listen({ host, port, listenTextResolver: () => "listening" });
  } catch (cause) {
    throw new FulcrumError("SERVE_CANNOT_LISTEN", { host, port, problem: problemOf(cause) }, { cause });
  }
  return (app.server.address() as AddressInfo).port;
}

/** Connections that never sent a byte (browsers open some in advance) would hold up the end for a minute. */
const silentConnectionMs = 500;

/** `expire` gives such connections a last moment; a request that still comes in it is served. */
function watchSilentConnections(app: FastifyInstance): { expire(): void } {
  const open = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  app.server.on("request", (request) => request.socket.setTimeout(0));
  return {
    expire() {
      for (const socket of open)
        if (socket.bytesRead === 0) socket.setTimeout(silentConnectionMs, () => socket.destroy());
    },
  };
}

/** The folder of prepared models; null where it cannot be written (a container with a read-only file system). */
async function preparedFolder(): Promise<string | null> {
  const dir = join(cacheDir, "prepared");
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK);
    return dir;
  } catch {
    return null;
  }
}

function machineThreads(): number {
  return defaultThreads(availableParallelism(), cgroupCpuLimit(readText));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not on this system, or not visible in this container.
    return undefined;
  }
}
