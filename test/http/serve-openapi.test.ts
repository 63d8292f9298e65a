/** The OpenAPI document: valid, complete, and true of real responses (checked by Ajv, not by the code that made it). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { adminToken, fakeService, multipartBody } from "../kit/serve.ts";

interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>;
}

const { app } = await fakeService({ queueLimit: 8, maxUploadBytes: 20_000 });
const document = (await app.inject("/openapi.json")).json() as Document;
test.after(() => app.close());

test("it is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(document) as never);
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
});

test("it lists every route, and no route that is not there", () => {
  const routes = app.printRoutes({ commonPrefix: false, includeHooks: false });
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((m) => `${m} ${path}`),
  );
  for (const entry of listed) {
    const [method, path] = entry.split(" ") as [string, string];
    const url = path.replace(/\{(\w+)\}/g, ":$1");
    assert.ok(app.hasRoute({ method: method.toUpperCase() as "GET", url }), entry);
  }
  const count = [...routes.matchAll(/\((GET|POST|PUT|DELETE|PATCH)(, HEAD)?\)/g)].length;
  assert.equal(count, listed.length, routes);
});

/** True responses must fit the schema of their status and content type. */
function check(path: string, method: string, response: Awaited<ReturnType<typeof app.inject>>): void {
  const operation = document.paths[path]?.[method];
  assert.ok(operation, `${method} ${path} is not in the document`);
  const status = String(response.statusCode);
  const type = String(response.headers["content-type"]).split(";")[0]!;
  const content = operation.responses[status]?.content;
  assert.ok(content && type in content, `${method} ${path}: ${status} ${type} is not in the document`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "service");
  const escaped = [path, method, "responses", status, "content", type].map((part) =>
    encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")),
  );
  if (!(content[type] as { schema?: unknown }).schema) return;
  const validate = ajv.compile({ $ref: `service#/paths/${escaped.join("/")}/schema` });
  assert.ok(validate(response.json()), `${method} ${path}: ${JSON.stringify(validate.errors)} in ${response.body}`);
  assert.equal(validate({ nothing: "fits" }), false, "the schema refuses something");
}

const file = (content: string) => ({ name: "file", content, fileName: "a.jpg" });
const json = { "content-type": "application/json" };
const authorization = `Bearer ${adminToken}`;
const photo = { name: "photo", datatype: "BYTES", shape: [1], data: ["YWJj"] };
const calls = [
  { path: "/predict", method: "POST", ...multipartBody([file("a")]) },
  { path: "/predict", method: "POST", ...multipartBody([file("a"), file("b")]) },
  { path: "/predict", method: "POST", ...multipartBody([]) },
  { path: "/predict", method: "POST", headers: { "content-type": "image/png" }, payload: "x".repeat(30_000) },
  { path: "/predict", method: "POST", headers: { "content-type": "text/css" }, payload: "x" },
  { path: "/test", method: "GET", query: { top: "2" } },
  { path: "/test", method: "GET", query: { top: "-1" } },
  { path: "/healthz", method: "GET" },
  { path: "/readyz", method: "GET" },
  { path: "/v2", method: "GET" },
  { path: "/v2/health/live", method: "GET" },
  { path: "/v2/health/ready", method: "GET" },
  { path: "/v2/models/{name}", url: "/v2/models/toy", method: "GET" },
  { path: "/v2/models/{name}", url: "/v2/models/x", method: "GET" },
  { path: "/v2/models/{name}/ready", url: "/v2/models/toy/ready", method: "GET" },
  ...[{ inputs: [photo] }, { inputs: [] }].map((body) => ({
    path: "/v2/models/{name}/infer",
    url: "/v2/models/toy/infer",
    method: "POST",
    headers: json,
    payload: JSON.stringify(body),
  })),
  { path: "/admin/model", method: "PUT", headers: { ...json, authorization }, payload: "{}" },
  { path: "/admin/model", method: "PUT", headers: { ...json, authorization }, payload: '{"path":"bad"}' },
  { path: "/admin/model", method: "PUT" },
];
for (const [i, { path, ...call }] of calls.entries()) {
  test(`response ${i + 1} is as documented: ${call.method} ${path}`, async () => {
    const { method, ...rest } = call;
    const response = await app.inject({ url: path, ...rest, method: method as "GET" });
    check(path, method.toLowerCase(), response);
  });
}

for (const path of ["/", "/page.css", "/page.js", "/camera.js", "/icon.svg", "/metrics"]) {
  test(`${path} has the content type that is documented`, async () => {
    const type = String((await app.inject(path)).headers["content-type"]).split(";")[0]!;
    assert.ok(type in document.paths[path]!.get!.responses[200]!.content!, type);
  });
}
