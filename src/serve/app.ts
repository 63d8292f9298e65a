/**
 * The HTTP side as a Fastify application that is built, not started: tests drive it with inject. Everything it needs
 * comes in as an argument; what does the work is the pool.
 */
import multipart from "@fastify/multipart";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import { FulcrumError } from "../errors/index.ts";
import { type AdminOptions, addAdminRoutes } from "./admin-routes.ts";
import { addClassifyRoutes, type ClassifyOptions, type PhotoService } from "./classify-routes.ts";
import { answerBrokenConnection, installFailures } from "./failures.ts";
import { addKserveRoutes } from "./kserve/routes.ts";
import type { ServedModel } from "./messages.ts";
import { openApiDocument } from "./openapi.ts";
import { operations, renderAllowed } from "./operations.ts";
import { addPage, type PageFile } from "./page.ts";
import type { Telemetry } from "./telemetry.ts";
import { acceptRawPhotos, multipartLimits } from "./upload.ts";

/** Set once, when the service begins to end. */
export interface DrainState {
  isDraining: boolean;
}

/** Bounds on the time of a request. */
export interface RequestTimes {
  /** Its headers have to be here. */
  readonly headersMs: number;
  /** It has to be here whole; bounds slow uploads and so the end of a drain. */
  readonly wholeMs: number;
}

export interface AppOptions extends ClassifyOptions {
  readonly pool: PhotoService & {
    readonly readyWorkers: number;
    readonly isOverloaded: boolean;
    readonly model: ServedModel | undefined;
  };
  readonly page: readonly PageFile[];
  readonly telemetry: Telemetry;
  readonly drain: DrainState;
  readonly log: FastifyBaseLogger;
  readonly times: RequestTimes;
  /** The model's name in /v2. */
  readonly modelName: string;
  /** Undefined: no administrator's routes. */
  readonly admin: AdminOptions | undefined;
}

/** How often Node looks for requests that are over their time. */
const timeCheckMs = 1000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { log, times, telemetry, admin } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    http: { headersTimeout: times.headersMs, connectionsCheckingInterval: timeCheckMs },
    requestTimeout: times.wholeMs,
    clientErrorHandler: answerBrokenConnection,
    // While closing, requests on connections that are still open are answered, not refused.
    return503OnClosing: false,
  });
  app.removeAllContentTypeParsers();
  await app.register(multipart, { limits: multipartLimits(options) });
  acceptRawPhotos(app);
  const listed = operations(admin !== undefined);
  const { refused } = telemetry;
  installFailures(app, { allowed: renderAllowed(listed), refused });
  watchRequests(app, options);
  addPage(app, options.page);
  addClassifyRoutes(app, options);
  addStateRoutes(app, options);
  // Made when it is asked for: it takes longer than the rest of the application, and most services are never asked.
  let document: string | undefined;
  app.get("/openapi.json", (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(listed));
    return reply.type("application/json").send(document);
  });
  await app.register(addKserveRoutes, { ...options, refused, checkReady: () => checkReady(options) });
  if (admin) await app.register(addAdminRoutes, admin);
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
    // What nobody read of a body is let through, else the connection's next request would wait behind it.
    request.raw.unpipe();
    request.raw.resume();
    const route = request.routeOptions.url ?? "unknown";
    const { method } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    telemetry.requestAnswered(route, method, status, ms / 1000);
    request.log.debug({ route, method, status, ms }, "answered");
    done();
  });
}

/** @throws SERVE_NOT_READY with the reason */
function checkReady({ pool, drain }: Pick<AppOptions, "pool" | "drain">): void {
  if (drain.isDraining) throw new FulcrumError("SERVE_NOT_READY", { reason: "it is draining" });
  if (pool.readyWorkers === 0) throw new FulcrumError("SERVE_NOT_READY", { reason: "no inference worker is ready" });
  if (pool.isOverloaded) throw new FulcrumError("SERVE_NOT_READY", { reason: "it is overloaded" });
}

function addStateRoutes(app: FastifyInstance, options: AppOptions): void {
  const { pool, telemetry } = options;
  app.get("/healthz", (_request, reply) => reply.send({ status: "alive" }));
  app.get("/readyz", (_request, reply) => {
    checkReady(options);
    return reply.send({ status: "ready", workers: pool.readyWorkers });
  });
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await telemetry.render();
    return reply.header("content-type", contentType).send(text);
  });
}
