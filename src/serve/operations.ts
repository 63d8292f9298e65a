/** What answers over HTTP, as a table: the routes' list in messages and the OpenAPI document are made from it. */
import type { z } from "zod";
import { predictQuery, uploadQuery } from "./classify-routes.ts";
import { kserveSchemas as kserve } from "./kserve/schemas.ts";
import * as schemas from "./schemas.ts";

export interface ResponseDoc {
  readonly description: string;
  /** By content type; null where the body has no schema. None: the response has no body. */
  readonly content?: Readonly<Record<string, z.ZodType | null>>;
}

export interface Operation {
  readonly method: "get" | "post" | "put";
  /** With {parameters}. */
  readonly path: string;
  readonly tag: "predict" | "state" | "kserve" | "admin" | "page";
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: Readonly<Record<string, z.ZodType | null>>;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** Needs the administrator's token. */
  readonly isGuarded?: boolean;
}

const json = "application/json";
const refusal = (description: string): ResponseDoc => ({ description, content: { [json]: schemas.failure } });
const v2Refusal = (description: string): ResponseDoc => ({ description, content: { [json]: kserve.failure } });
const given = (description: string, schema: z.ZodType): ResponseDoc => ({ description, content: { [json]: schema } });

const busy = refusal("Busy, not ready, or inference was lost; Retry-After says when to come back");
const photoRefusals = {
  400: refusal("No photo, a damaged one, or a malformed request"),
  408: refusal("The upload did not come in time"),
  413: refusal("The upload, or the picture in it, is too large"),
  415: refusal("The content type or the picture's format is not accepted"),
  503: busy,
};
const oneAnswer = { [json]: schemas.predictionAnswer, "text/plain": null };

const predictOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/predict",
    tag: "predict",
    summary: "Classify one photo, or several in one form",
    query: uploadQuery,
    body: { "multipart/form-data": schemas.uploadForm, "image/*": null, "application/octet-stream": null },
    responses: {
      200: {
        description: "The answer; a list where the form has several photos; with Accept: text/plain the class alone",
        content: { [json]: schemas.predictReply, "text/plain": null },
      },
      ...photoRefusals,
    },
  },
  {
    method: "get",
    path: "/test",
    tag: "predict",
    summary: "Classify the bundled photo, decoded afresh",
    query: predictQuery,
    responses: {
      200: { description: "The answer", content: oneAnswer },
      400: photoRefusals[400],
      415: photoRefusals[415],
      503: busy,
    },
  },
];

const stateOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/healthz",
    tag: "state",
    summary: "The process is alive",
    responses: { 200: given("Alive", schemas.aliveState) },
  },
  {
    method: "get",
    path: "/readyz",
    tag: "state",
    summary: "The service takes photos: a worker is ready, it is not overloaded, it is not ending",
    responses: { 200: given("Ready", schemas.readyState), 503: busy },
  },
  {
    method: "get",
    path: "/metrics",
    tag: "state",
    summary: "Prometheus metrics",
    responses: { 200: { description: "Prometheus' text format", content: { "text/plain": null } } },
  },
  {
    method: "get",
    path: "/openapi.json",
    tag: "state",
    summary: "This document",
    responses: { 200: { description: "OpenAPI 3.1", content: { [json]: null } } },
  },
];

const noModel = v2Refusal("No model of that name or version");
const modelPaths = ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"];
const kserveOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/v2/health/live",
    tag: "kserve",
    summary: "The process is alive",
    responses: { 200: given("Alive", kserve.live) },
  },
  {
    method: "get",
    path: "/v2/health/ready",
    tag: "kserve",
    summary: "The service takes photos",
    responses: { 200: given("Ready", kserve.ready), 503: v2Refusal("Not ready") },
  },
  {
    method: "get",
    path: "/v2",
    tag: "kserve",
    summary: "Server metadata",
    responses: { 200: given("Name, version and extensions", kserve.serverMetadata) },
  },
  ...modelPaths.flatMap((path): Operation[] => [
    {
      method: "get",
      path,
      tag: "kserve",
      summary: "Model metadata",
      responses: { 200: given("Inputs and outputs", kserve.modelMetadata), 404: noModel, 503: v2Refusal("Not ready") },
    },
    {
      method: "get",
      path: `${path}/ready`,
      tag: "kserve",
      summary: "The model is ready",
      responses: { 200: given("Ready", kserve.modelReady), 404: noModel, 503: v2Refusal("Not ready") },
    },
    {
      method: "post",
      path: `${path}/infer`,
      tag: "kserve",
      summary: "Infer: encoded photos (BYTES) or the model's own inputs (UINT8, FP32), JSON or binary tensors",
      body: { [json]: kserve.inferRequest, "application/octet-stream": null },
      responses: {
        200: {
          description: "Output tensors; binary ones follow the JSON part",
          content: { [json]: kserve.inferResponse, "application/octet-stream": null },
        },
        400: v2Refusal("The request or a photo is not acceptable"),
        404: noModel,
        413: v2Refusal("Too large"),
        415: v2Refusal("The content type or the picture's format is not accepted"),
        503: v2Refusal("Busy or not ready"),
      },
    },
  ]),
];

const adminOperations: readonly Operation[] = [
  {
    method: "put",
    path: "/admin/model",
    tag: "admin",
    summary: "Replace the model that is served, without losing a request",
    body: { [json]: schemas.reloadRequest },
    isGuarded: true,
    responses: {
      200: given("The new model is served", schemas.reloadAnswer),
      400: refusal("The request is malformed"),
      401: refusal("No token, or a wrong one"),
      409: refusal("Another reload is under way"),
      415: refusal("The content type or the picture's format is not accepted"),
      422: refusal("The model file is not usable; the old model serves on"),
      503: busy,
    },
  },
];

const pageOperations: readonly Operation[] = ["/", "/page.css", "/page.js", "/camera.js", "/icon.svg"].map((path) => ({
  method: "get",
  path,
  tag: "page",
  summary: path === "/" ? "The upload page" : "A part of the upload page",
  responses: { 200: { description: "The file", content: { [pageType(path)]: null } } },
}));

function pageType(path: string): string {
  if (path.endsWith(".css")) return "text/css";
  if (path.endsWith(".js")) return "text/javascript";
  return path.endsWith(".svg") ? "image/svg+xml" : "text/html";
}

/** Everything that answers. @param withAdmin the administrator's routes are on */
export function operations(withAdmin: boolean): Operation[] {
  return [
    ...pageOperations,
    ...predictOperations,
    ...stateOperations,
    ...kserveOperations,
    ...(withAdmin ? adminOperations : []),
  ];
}

/** "GET /, POST /predict, ...": for people; the parts of the page are left out. */
export function renderAllowed(listed: readonly Operation[]): string {
  return listed
    .filter(({ tag, path }) => tag !== "page" || path === "/")
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    .join(", ");
}
