/**
 * The running service: workers, application, socket, and the way down. Order of start: workers first, because opening
 * the model takes longest and runs beside everything else. Order of the end: see `drain`.
 */
import { readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { type Clock, systemClock } from "../base/clock.ts";
import { problemOf } from "../base/files.ts";
import { projectDir } from "../config/paths.ts";
import { FulcrumError } from "../errors/index.ts";
import type { DrainState } from "./app.ts";
import { cgroupCpuLimit, defaultThreads, planWorkers, type WorkerPlan } from "./cores.ts";
import type { ServedModel } from "./messages.ts";
import type { ServeOptions } from "./options.ts";
import { InferencePool } from "./pool.ts";
import { childWorkers, type StartWorker } from "./worker-link.ts";

export interface ServerInput {
  readonly modelPath: string;
  readonly options: ServeOptions;
  /** Encoded photo that GET /test classifies; by default the bundled one. */
  readonly testPhoto?: Uint8Array;
  /** Tests put other workers and another clock in. */
  readonly startWorker?: StartWorker;
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
   */
  drain(): Promise<void>;
}

/** After the last answer the workers have nothing to do but to free the model. */
const workerGraceMs = 2000;

/**
 * Starts workers and listens; resolves when the port is open, which may be before `opened`.
 * @throws FILE_UNREADABLE where there is no model file, SERVE_CANNOT_LISTEN
 */
export async function startServer(input: ServerInput): Promise<RunningServer> {
  const { modelPath, options, clock = systemClock } = input;
  const plan = planWorkers(options.threads ?? machineThreads(), await modelBytes(modelPath));
  const pool = new InferencePool({
    workers: plan.workers,
    queueLimit: options.queue,
    maxWaitMs: options.maxWait * 1000,
    runLimitMs: options.runLimit * 1000,
    startWorker: input.startWorker ?? childWorkers({ modelPath, threads: plan.threadsPerWorker }),
    clock,
  });
  const drain: DrainState = { isDraining: false };
  try {
    const app = await composeApp(pool, plan, input, drain);
    const silent = watchSilentConnections(app);
    const port = await listen(app, options);
    return {
      host: options.host,
      port,
      url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
      plan,
      opened: pool.opened,
      failure: pool.failure,
      async drain() {
        drain.isDraining = true;
        await clock.sleep(options.drainDelay * 1000);
        const closed = app.close();
        silent.expire();
        await closed;
        await pool.stop(workerGraceMs);
      },
    };
  } catch (error) {
    await pool.stop(0);
    throw error;
  }
}

/** The heavy modules load here, while the workers start. */
async function composeApp(
  pool: InferencePool,
  plan: WorkerPlan,
  { options, testPhoto }: ServerInput,
  drain: DrainState,
): Promise<FastifyInstance> {
  const [{ buildApp }, { loadPage }, { createTelemetry }, { pino }, photo] = await Promise.all([
    import("./app.ts"),
    import("./page.ts"),
    import("./telemetry.ts"),
    import("pino"),
    testPhoto ?? readFile(join(projectDir, "assets", "test-photo.jpg")),
  ]);
  const log: FastifyBaseLogger = pino({ level: options.log, base: null }, pino.destination(2));
  const telemetry = createTelemetry({
    waiting: () => pool.waiting,
    readyWorkers: () => pool.readyWorkers,
    isDraining: () => drain.isDraining,
  });
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
  const maxUploads = plan.workers + options.queue;
  const page = await loadPage();
  return buildApp({
    pool,
    page,
    telemetry,
    drain,
    log,
    testPhoto: photo,
    maxUploadBytes: options.maxUpload,
    maxUploads,
  });
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

async function modelBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new FulcrumError("FILE_UNREADABLE", { path, problem: problemOf(cause) }, { cause });
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
