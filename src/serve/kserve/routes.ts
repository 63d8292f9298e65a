/** KServe's V2 inference protocol over HTTP: health, metadata, infer. Its errors are {"error": "text"}. */
import type { FastifyError, FastifyInstance, FastifyRequest } from "fastify";
import { fulcrumVersion } from "../../base/version.ts";
import { FulcrumError } from "../../errors/index.ts";
import { classifyTogether, clientLeft, type PhotoService } from "../classify-routes.ts";
import { noteFailure } from "../failures.ts";
import type { ServedModel } from "../messages.ts";
import type { Answer } from "../pool.ts";
import { modelReplaced } from "../pool.ts";
import { readBounded, type UploadBounds } from "../upload.ts";
import type { UploadLease, UploadMemory } from "../upload-memory.ts";
import { modelVersion, renderInference, type WantedInference } from "./response.ts";
import { type InferRequest, kserveSchemas } from "./schemas.ts";
import { hasListsWithin, mostLists, type PhotoBatch, photoInput, photosOf, splitBinary } from "./tensors.ts";

export interface KserveOptions extends UploadBounds {
  readonly pool: PhotoService & { readonly model: ServedModel | undefined };
  /** The model's name in the protocol. */
  readonly modelName: string;
  /** Throws why the service is not ready. */
  checkReady(): void;
  /** A refused request is counted. */
  refused(code: string): void;
  readonly uploads: UploadMemory;
}

interface ModelParams {
  readonly name: string;
  readonly version?: string;
}

export async function addKserveRoutes(app: FastifyInstance, options: KserveOptions): Promise<void> {
  const { pool, modelName, checkReady } = options;
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = noteFailure(error, request, reply);
    options.refused(failure.code);
    return reply.code(failure.httpStatus).send({ error: `${failure.message} [${failure.code}]` });
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["application/json", "application/octet-stream"], (_request, _body, done) => done(null));

  app.get("/v2", (_request, reply) =>
    reply.send({ name: "fulcrum", version: fulcrumVersion, extensions: ["binary_tensor_data"] }),
  );
  app.get("/v2/health/live", (_request, reply) => reply.send({ live: true }));
  app.get("/v2/health/ready", (_request, reply) => {
    checkReady();
    return reply.send({ ready: true });
  });

  const servedModel = (request: FastifyRequest): ServedModel => {
    const { name, version } = request.params as ModelParams;
    if (name !== modelName) throw new FulcrumError("SERVE_NO_SUCH_MODEL", { name, served: modelName });
    const { model } = pool;
    if (!model) throw new FulcrumError("SERVE_NOT_READY", { reason: "no inference worker is ready" });
    const served = modelVersion(model.sha256);
    if (version === undefined || version === served) return model;
    throw new FulcrumError("SERVE_NO_SUCH_MODEL", { name: `${name} ${version}`, served: `${modelName} ${served}` });
  };
  for (const path of ["/v2/models/:name", "/v2/models/:name/versions/:version"]) {
    app.get(path, (request, reply) => reply.send(metadataOf(servedModel(request), modelName)));
    app.get(`${path}/ready`, (request, reply) => {
      servedModel(request);
      checkReady();
      return reply.send({ name: modelName, ready: true });
    });
    app.post(`${path}/infer`, async (request, reply) => {
      const model = servedModel(request);
      pool.checkRoom();
      const lease = options.uploads.lease(options.maxRequestBytes);
      try {
        const { wanted, batch } = await readInfer(request, options, model, lease);
        const { form, photos } = batch;
        pool.checkRoom(photos.length);
        // Pixels fit only the model whose sizes they were checked against; a version is one model.
        const isBound = form === "pixels" || (request.params as ModelParams).version !== undefined;
        const needs = { form, model: isBound ? model.sha256 : undefined };
        const answers = await classifyTogether(photos, clientLeft(reply), (photo, signal) =>
          pool.classify(photo, signal, needs),
        );
        checkOneModel(answers);
        const { body, jsonBytes } = renderInference(wanted, modelName, answers);
        if (jsonBytes !== undefined) reply.header("inference-header-content-length", jsonBytes);
        return reply.type(jsonBytes === undefined ? "application/json" : "application/octet-stream").send(body);
      } finally {
        lease.release();
      }
    });
  }
}

function metadataOf({ inputs, classes, sha256 }: ServedModel, name: string) {
  return {
    name,
    versions: [modelVersion(sha256)],
    platform: "onnxruntime_onnx",
    inputs: [
      { name: photoInput, datatype: "BYTES", shape: [-1] },
      ...inputs.map((input) => ({ name: input.name, datatype: "UINT8", shape: [-1, input.size, input.size, 3] })),
    ],
    outputs: [
      { name: "probabilities", datatype: "FP32", shape: [-1, classes.length] },
      { name: "class", datatype: "BYTES", shape: [-1] },
    ],
  };
}

/** An answer of the protocol names one model. @throws SERVE_NOT_READY where a reload came in between */
function checkOneModel(answers: readonly Answer[]): void {
  if (answers.some(({ model }) => model.sha256 !== answers[0]!.model.sha256)) throw modelReplaced();
}

/** The photos of an infer request, and what its answer takes from it. */
async function readInfer(
  request: FastifyRequest,
  options: KserveOptions,
  model: ServedModel,
  lease: UploadLease,
): Promise<{ wanted: WantedInference; batch: PhotoBatch }> {
  const { infer, tail } = await readParts(request, options, model, lease);
  const { id, parameters, outputs } = infer;
  return { wanted: { id, parameters, outputs }, batch: photosOf(splitBinary(infer, tail), model, options.maxPhotos) };
}

/** The JSON part of an infer request, checked, and the bytes after it. */
async function readParts(
  request: FastifyRequest,
  { maxUploadBytes, maxPhotos, maxRequestBytes: limit }: KserveOptions,
  model: ServedModel,
  lease: UploadLease,
): Promise<{ infer: InferRequest; tail: Uint8Array }> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw new FulcrumError("SERVE_TOO_LARGE", { limit });
  const body = await readBounded(request.raw, limit, lease);
  const declared = request.headers["inference-header-content-length"];
  const jsonBytes = declared === undefined ? body.byteLength : Number(declared);
  if (!Number.isInteger(jsonBytes) || jsonBytes < 0 || jsonBytes > body.byteLength) {
    const problem = `Inference-Header-Content-Length is ${declared}, the body has ${body.byteLength} bytes`;
    throw new FulcrumError("SERVE_MALFORMED", { problem });
  }
  // Parsed JSON takes many times its text.
  if (jsonBytes > maxUploadBytes) throw new FulcrumError("SERVE_TOO_LARGE", { limit: maxUploadBytes });
  const json = body.subarray(0, jsonBytes);
  const lists = mostLists(model, maxPhotos);
  if (!hasListsWithin(json, lists))
    throw new FulcrumError("SERVE_MALFORMED", { problem: `it has more than ${lists} lists and objects` });
  const parsed = kserveSchemas.inferRequest.safeParse(parseJson(json));
  if (parsed.success) return { infer: parsed.data, tail: body.subarray(jsonBytes) };
  const { path, message } = parsed.error.issues[0]!;
  throw new FulcrumError("SERVE_MALFORMED", { problem: `${path.join(".") || "the body"}: ${message}` });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch (cause) {
    throw new FulcrumError("SERVE_MALFORMED", { problem: "the body is not JSON" }, { cause });
  }
}
