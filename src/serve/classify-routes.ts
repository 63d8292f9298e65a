/**
 * POST /predict and GET /test: photos in, their classes out, as JSON or (Accept: text/plain) as the name alone. A form
 * with several photos gets a list.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import { defaultTop, predictionAnswer, prefersText } from "./answer.ts";
import { failureBody } from "./failures.ts";
import type { LiveAccuracy } from "./live.ts";
import type { Answer, PhotoNeeds } from "./pool.ts";
import type { Failure, PredictionAnswer } from "./schemas.ts";
import { readUpload, type UploadBounds } from "./upload.ts";
import type { UploadMemory } from "./upload-memory.ts";

/** What the routes need of the pool. */
export interface PhotoService {
  checkRoom(count?: number): void;
  classify(photo: Uint8Array, signal: AbortSignal, needs?: PhotoNeeds): Promise<Answer>;
}

export interface ClassifyOptions extends UploadBounds {
  readonly pool: PhotoService;
  /** The bundled photo, encoded; decoded and classified afresh at each GET /test. */
  readonly testPhoto: Uint8Array;
  readonly uploads: UploadMemory;
  /** Undefined: nobody is asked. */
  readonly live: LiveAccuracy | undefined;
}

/** Parameters after the question mark. */
export const predictQuery = z.object({
  top: z.coerce.number().int().min(1).max(10_000).default(defaultTop).describe("How many classes are listed"),
});

/** Of POST /predict. */
export const uploadQuery = predictQuery.extend({
  ask: z
    .enum(["true", "false"])
    .default("false")
    .describe("The client can be asked for the category before it gets the answer (live accuracy)"),
  category: z.string().max(200).optional().describe("What the photo shows, where the service has asked; empty to skip"),
});

export function addClassifyRoutes(app: FastifyInstance, options: ClassifyOptions): void {
  const { pool, testPhoto, uploads } = options;

  app.get("/test", async (request, reply) => {
    const { top } = readQuery(predictQuery, request);
    const answer = await pool.classify(testPhoto, clientLeft(reply));
    return sendPrediction(predictionAnswer(answer, reply.elapsedTime, top), request, reply);
  });

  app.post("/predict", async (request, reply) => {
    const query = readQuery(uploadQuery, request);
    const { top } = query;
    // Before anything is read: a photo that has no place is not worth its upload.
    pool.checkRoom();
    const lease = uploads.lease(options.maxRequestBytes);
    try {
      const { photos, fields } = await readUpload(request, options, lease);
      if (photos.length > 1) pool.checkRoom(photos.length);
      const left = clientLeft(reply);
      if (photos.length > 1) {
        const classify = async (photo: Uint8Array, signal: AbortSignal) =>
          predictionAnswer(await pool.classify(photo, signal), reply.elapsedTime, top);
        return reply.send(
          await classifyTogether(photos, left, (photo, signal) => classify(photo, signal).catch(photoFailure)),
        );
      }
      const photo = photos[0]!;
      const answer = await pool.classify(photo, left);
      const category = fields.get("category") ?? query.category;
      const canAsk = query.ask === "true" || category !== undefined;
      const question = canAsk ? await options.live?.ask(photo, answer, category) : undefined;
      if (question) return reply.send(question);
      return sendPrediction(predictionAnswer(answer, reply.elapsedTime, top), request, reply);
    } finally {
      lease.release();
    }
  });
}

/**
 * Classifies the photos of one request. Where one fails those that still wait are dropped, since nobody gets their
 * answers; it settles when none is held any more, so that the request's memory can be given back.
 * @throws what the first that failed failed with
 */
export async function classifyTogether<Result>(
  photos: readonly Uint8Array[],
  left: AbortSignal,
  classify: (photo: Uint8Array, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([left, failed.signal]);
  const all = photos.map((photo) =>
    classify(photo, signal).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(all);
  failed.signal.throwIfAborted();
  return await Promise.all(all);
}

function sendPrediction(prediction: PredictionAnswer, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (prefersText(request.headers.accept)) return reply.type("text/plain; charset=utf-8").send(prediction.class);
  return reply.send(prediction);
}

/** In a list a photo's own fault stands in its place; the service's are the whole request's. */
function photoFailure(error: unknown): Failure {
  if (isFulcrumError(error) && error.httpStatus < 500) return failureBody(error);
  throw error;
}

/** @throws SERVE_BAD_PARAMETER naming the first that does not fit */
export function readQuery<Schema extends z.ZodObject>(schema: Schema, request: FastifyRequest): z.output<Schema> {
  const result = schema.safeParse(request.query);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const name = String(path[0]);
  const value = JSON.stringify((request.query as Record<string, unknown>)[name]) ?? "missing";
  throw new FulcrumError("SERVE_BAD_PARAMETER", { name, value, allowed: message });
}

/** Fires where the connection closes before the answer is out. */
export function clientLeft(reply: FastifyReply): AbortSignal {
  const left = new AbortController();
  const leave = () => left.abort(new FulcrumError("SERVE_CLIENT_LEFT", {}));
  if (reply.raw.destroyed) leave();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) leave();
  });
  return left.signal;
}
