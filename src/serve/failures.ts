/** From any error to the one JSON form that clients see: {"error": {"code", "message"}} with a fitting status. */
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import type { Failure } from "./schemas.ts";
import { codeOf } from "./upload.ts";

/** Not imported: as an ES module node:http loads everything that it can give, a whole HTTP client among it. */
const { STATUS_CODES } = process.getBuiltinModule("node:http");

export interface FailureOptions {
  /** What answers, for the message of an unknown path: "GET /, POST /predict, ..." */
  readonly allowed: string;
  /** A refused request is counted. */
  refused(code: string): void;
}

export function installFailures(app: FastifyInstance, { allowed, refused }: FailureOptions): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const found = noteFailure(error, request, reply);
    refused(found.code);
    return reply.code(found.httpStatus).send(failureBody(found));
  });
  app.setNotFoundHandler((request) => {
    const path = request.url.split("?", 1)[0]!.slice(0, longestShown);
    throw new FulcrumError("SERVE_NOT_FOUND", { method: request.method, path, allowed });
  });
}

const longestShown = 200;

export function failureBody({ code, message }: FulcrumError): Failure {
  return { error: { code, message } };
}

/** Logs what the operator should know and sets the headers that go with a refusal. */
export function noteFailure(error: Error, request: FastifyRequest, reply: FastifyReply): FulcrumError {
  const found = clientError(error, request);
  // An upload that broke off is not malformed; nobody is there to be told.
  const hasLeft = reply.raw.destroyed && found.httpStatus < 500;
  const failure = hasLeft ? new FulcrumError("SERVE_CLIENT_LEFT", {}, { cause: error }) : found;
  const status = failure.httpStatus;
  if (failure.code === "SERVE_INTERNAL") request.log.error({ err: error }, "unexpected failure");
  else if (status >= 500) request.log.warn({ code: failure.code }, failure.message);
  else request.log.debug({ code: failure.code, status }, "refused");
  if (status === 503) reply.header("retry-after", String(failure.context.seconds ?? 1));
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return failure;
}

function clientError(error: Error, request: FastifyRequest): FulcrumError {
  if (isFulcrumError(error)) return error;
  if (codeOf(error) === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    const type = request.headers["content-type"] ?? "";
    return new FulcrumError("SERVE_WRONG_TYPE", { type }, { cause: error });
  }
  if (codeOf(error) === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limit = request.routeOptions.bodyLimit ?? 0;
    return new FulcrumError("SERVE_TOO_LARGE", { limit }, { cause: error });
  }
  const status = "statusCode" in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500
    ? new FulcrumError("SERVE_MALFORMED", { problem: error.message }, { cause: error })
    : new FulcrumError("SERVE_INTERNAL", { request: request.id }, { cause: error });
}

/** Node's own bound on the headers of a request. */
const maxHeaderBytes = 16 * 1024;

/** What never became a request: headers or a body that did not come in time, or bytes that are no HTTP. */
export function answerBrokenConnection(error: Error, socket: Socket): void {
  const code = codeOf(error);
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const failure =
    code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new FulcrumError("SERVE_TIMEOUT", {})
      : code === "HPE_HEADER_OVERFLOW"
        ? new FulcrumError("SERVE_HEADERS_TOO_LARGE", { limit: maxHeaderBytes })
        : new FulcrumError("SERVE_MALFORMED", { problem: "it is not HTTP/1.1" });
  const body = JSON.stringify(failureBody(failure));
  const head = [
    `HTTP/1.1 ${failure.httpStatus} ${STATUS_CODES[failure.httpStatus]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
