/** POST /predict and GET /test: a photo in, its class out, as JSON or (Accept: text/plain) as the name alone. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { FulcrumError } from "../errors/index.ts";
import { predictionAnswer, prefersText } from "./answer.ts";
import type { Answer } from "./pool.ts";
import { readUpload } from "./upload.ts";

/** What the routes need of the pool. */
export interface PhotoService {
  checkRoom(): void;
  classify(photo: Uint8Array, signal: AbortSignal): Promise<Answer>;
}

export interface ClassifyOptions {
  readonly pool: PhotoService;
  /** The bundled photo, encoded; decoded and classified afresh at each GET /test. */
  readonly testPhoto: Uint8Array;
  readonly maxUploadBytes: number;
  /** Uploads that are read into memory at a time; one more is refused. */
  readonly maxUploads: number;
}

export function addClassifyRoutes(app: FastifyInstance, options: ClassifyOptions): void {
  const { pool, testPhoto, maxUploadBytes, maxUploads } = options;
  let uploads = 0;
  const answer = async (photo: Uint8Array, request: FastifyRequest, reply: FastifyReply) => {
    const answered = await pool.classify(photo, clientLeft(reply));
    const prediction = predictionAnswer(answered, reply.elapsedTime);
    if (prefersText(request.headers.accept)) return reply.type("text/plain; charset=utf-8").send(prediction.class);
    return reply.send(prediction);
  };

  app.get("/test", (request, reply) => answer(testPhoto, request, reply));

  app.post("/predict", async (request, reply) => {
    pool.checkRoom();
    if (!request.isMultipart()) throw new FulcrumError("SERVE_WRONG_TYPE", { type: "" });
    if (uploads >= maxUploads) throw new FulcrumError("SERVE_OVERLOADED", { waiting: uploads, seconds: 1 });
    uploads++;
    try {
      return await answer(await readUpload(request, maxUploadBytes), request, reply);
    } finally {
      uploads--;
    }
  });
}

/** Fires where the connection closes before the answer is out. */
function clientLeft(reply: FastifyReply): AbortSignal {
  const left = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return left.signal;
}
