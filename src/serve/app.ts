/**
 * The HTTP side as a Fastify application that is built, not started: tests drive it with inject. Everything it needs
 * comes in as an argument; what does the work is the pool.
 */
import multipart from "@fastify/multipart";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import { FulcrumError } from "../errors/index.ts";
import { addClassifyRoutes, type ClassifyOptions, type PhotoService } from "./classify-routes.ts";
import { installFailures } from "./failures.ts";
import { addPage, type PageFile } from "./page.ts";
import type { Telemetry } from "./telemetry.ts";
import { uploadLimits } from "./upload.ts";

/** Set once, when the service begins to end. */
export interface DrainState {
  isDraining: boolean;
}

export interface AppOptions extends ClassifyOptions {
  readonly pool: PhotoService & { readonly readyWorkers: number };
  readonly page: readonly PageFile[];
  readonly telemetry: Telemetry;
  readonly drain: DrainState;
  readonly log: FastifyBaseLogger;
}

/** A request has to be here whole after this time; bounds slow uploads and so the end of a drain. */
const requestTimeoutMs = 60_000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestTimeoutMs,
    // While closing, requests on connections that are still open are answered, not refused.
    return503OnClosing: false,
  });
  app.removeAllContentTypeParsers();
  await app.register(multipart, { limits: { ...uploadLimits, fileSize: options.maxUploadBytes } });
  installFailures(app);
  watchRequests(app, options);
  addPage(app, options.page);
  addClassifyRoutes(app, options);
  addStateRoutes(app, options);
  return app;
}

function watchRequests(app: FastifyInstance, { telemetry, drain }: AppOptions): void {
  app.addHook("onRequest", (_request, reply, done) => {
    telemetry.requestStarted();
    reply.raw.once("close", telemetry.requestEnded);
    done();
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("x-content-type-options", "nosniff");
    if (drain.isDraining) reply.header("connection", "close");
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const { method } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    telemetry.requestAnswered(route, method, status, ms / 1000);
    request.log.debug({ route, method, status, ms }, "answered");
    done();
  });
}

function addStateRoutes(app: FastifyInstance, { pool, telemetry, drain }: AppOptions): void {
  app.get("/healthz", (_request, reply) => reply.send({ status: "alive" }));
  app.get("/readyz", (_request, reply) => {
    if (drain.isDraining) throw new FulcrumError("SERVE_NOT_READY", { reason: "it is draining" });
    if (pool.readyWorkers === 0) throw new FulcrumError("SERVE_NOT_READY", { reason: "no inference worker is ready" });
    return reply.send({ status: "ready", workers: pool.readyWorkers });
  });
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await telemetry.render();
    return reply.header("content-type", contentType).send(text);
  });
}
