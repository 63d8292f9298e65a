/** The OpenAPI 3.1 document of the service, from the operations' table and its schemas. Pure. */
import { z } from "zod";
import { fulcrumVersion } from "../base/version.ts";
import { kserveSchemas } from "./kserve/schemas.ts";
import type { Operation, ResponseDoc } from "./operations.ts";
import * as schemas from "./schemas.ts";

/** Schemas that the document lists under a name of their own. */
const named: Readonly<Record<string, z.ZodType>> = {
  Prediction: schemas.predictionAnswer,
  PredictionList: schemas.predictionList,
  Question: schemas.question,
  Failure: schemas.failure,
  ReloadRequest: schemas.reloadRequest,
  ReloadAnswer: schemas.reloadAnswer,
  InferRequest: kserveSchemas.inferRequest,
  InferResponse: kserveSchemas.inferResponse,
  ModelMetadata: kserveSchemas.modelMetadata,
  V2Failure: kserveSchemas.failure,
};

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(listed: readonly Operation[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of listed) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = operationObject(operation);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "fulcrum prediction service",
      version: fulcrumVersion,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description:
        "Photos in, classes with probabilities out. The paths below /v2 follow KServe's V2 inference protocol.",
    },
    // Relative: the service works below any path of a proxy.
    servers: [{ url: "." }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function operationObject({ method, path, tag, summary, query, body, responses, isGuarded }: Operation): Json {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    operationId: `${method}${path.replace(/[^a-zA-Z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !isGuarded, content: contentObject(body) } }),
    ...(isGuarded && { security: [{ token: [] }] }),
    responses: Object.fromEntries(Object.entries(responses).map(([status, doc]) => [status, responseObject(doc)])),
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => {
    return { name: match[1], in: "path", required: true, schema: { type: "string" } };
  });
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, type]) => {
    const schema = withoutDialect(z.toJSONSchema(type as z.ZodType, { io: "output" }));
    return { name, in: "query", required: false, schema };
  });
}

function responseObject({ description, content }: ResponseDoc): Json {
  return { description, ...(content && { content: contentObject(content) }) };
}

function contentObject(content: Readonly<Record<string, z.ZodType | null>>): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, schema ? { schema: schemaObject(schema) } : {}]),
  );
}

/** A reference to a named schema, or the schema itself. */
function schemaObject(schema: z.ZodType): Json {
  const name = Object.keys(named).find((key) => named[key] === schema);
  if (name) return reference(name);
  return withoutDialect(z.toJSONSchema(schema, { override: refer }));
}

function componentSchemas(): Json {
  return Object.fromEntries(
    Object.entries(named).map(([name, schema]) => {
      const override: typeof refer = (context) => void (context.zodSchema !== schema && refer(context));
      return [name, withoutDialect(z.toJSONSchema(schema, { override }))];
    }),
  );
}

/** Puts references in place of named schemas inside of others. */
function refer({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Record<string, unknown> }): void {
  const name = Object.keys(named).find((key) => named[key] === zodSchema);
  if (!name) return;
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  jsonSchema.$ref = `#/components/schemas/${name}`;
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function withoutDialect({ $schema: _, ...schema }: Json): Json {
  return schema;
}
