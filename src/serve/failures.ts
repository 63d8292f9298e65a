/** From any error to the one JSON form that clients see: {"error": {"code", "message"}} with a fitting status. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import { codeOf } from "./upload.ts";

export function installFailures(app: FastifyInstance): void {
  const allowed = "GET /, POST /predict, GET /test, GET /healthz, GET /readyz, GET /metrics";
  app.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0]!;
    return sendFailure(new FulcrumError("SERVE_NOT_FOUND", { method: request.method, path, allowed }), request, reply);
  });
}

function sendFailure(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = clientError(error, request);
  const status = failure.httpStatus;
  if (reply.raw.destroyed) request.log.debug("the client has left");
  else if (failure.code === "SERVE_INTERNAL") request.log.error({ err: error }, "unexpected failure");
  else if (status >= 500) request.log.warn({ code: failure.code }, failure.message);
  if (status === 503) reply.header("retry-after", String(failure.context.seconds ?? 1));
  return reply.code(status).send({ error: { code: failure.code, message: failure.message } });
}

function clientError(error: Error, request: FastifyRequest): FulcrumError {
  if (isFulcrumError(error)) return error;
  if (codeOf(error) === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    const type = request.headers["content-type"] ?? "";
    return new FulcrumError("SERVE_WRONG_TYPE", { type }, { cause: error });
  }
  const status = "statusCode" in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500
    ? new FulcrumError("SERVE_MALFORMED", { problem: error.message }, { cause: error })
    : new FulcrumError("SERVE_INTERNAL", { request: request.id }, { cause: error });
}
