/** The service's routes in process, by inject, with a fake worker. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { settle } from "../kit/fake-clock.ts";
import { fakeService, multipartBody } from "../kit/serve.ts";

type Options = Parameters<typeof fakeService>[0];

async function service(t: TestContext, options: Options = {}) {
  const made = await fakeService(options);
  t.after(() => made.app.close());
  return made;
}

const upload = (content: Uint8Array | string) => ({
  method: "POST" as const,
  url: "/predict",
  ...multipartBody([{ name: "file", content, fileName: "../../etc/passwd.jpg" }]),
});

test("POST /predict answers class, confidence, ranking and timing", async (t) => {
  const { app, workers } = await service(t);
  const response = await app.inject(upload("photo bytes"));
  assert.equal(response.statusCode, 200);
  assert.match(response.headers["content-type"] as string, /^application\/json/);
  const { timing, ...answer } = response.json();
  assert.deepEqual(answer, {
    class: "Bread",
    confidence: 0.7,
    probabilities: [
      { class: "Bread", probability: 0.7 },
      { class: "Egg", probability: 0.2 },
      { class: "Soup", probability: 0.1 },
    ],
    model: "ab",
  });
  assert.equal(timing.decodeMs, 2);
  assert.equal(timing.inferenceMs, 6);
  assert.deepEqual(workers[0]!.photos.map(String), ["photo bytes"]);
});

test("Accept: text/plain gets the class name alone", async (t) => {
  const { app } = await service(t);
  const response = await app.inject({ url: "/test", headers: { accept: "text/plain" } });
  assert.equal(response.body, "Bread");
  assert.match(response.headers["content-type"] as string, /^text\/plain/);
});

test("GET /test sends the bundled photo to a worker each time", async (t) => {
  const { app, workers } = await service(t);
  for (let i = 0; i < 2; i++) assert.equal((await app.inject("/test")).json().class, "Bread");
  assert.deepEqual(workers[0]!.photos.map(String), ["the bundled photo", "the bundled photo"]);
});

const file = (content: string, name = "file") => ({ name, content, fileName: "a.jpg" });
const refusals = [
  {
    name: "a body that is no photo by its type",
    headers: { "content-type": "text/html" },
    payload: "x",
    status: 415,
    code: "SERVE_WRONG_TYPE",
  },
  { name: "no body", status: 415, code: "SERVE_WRONG_TYPE" },
  { name: "no parts", ...multipartBody([]), status: 400, code: "SERVE_FILE_MISSING" },
  { name: "another field", ...multipartBody([file("x", "photo")]), status: 400, code: "SERVE_FILE_MISSING" },
  { name: "an empty file", ...multipartBody([file("")]), status: 400, code: "SERVE_FILE_MISSING" },
  {
    name: "a field in place of a file",
    ...multipartBody([{ name: "file", content: "x" }]),
    status: 400,
    code: "SERVE_FILE_MISSING",
  },
  {
    name: "more files than allowed",
    ...multipartBody(["a", "b", "c", "d"].map((content) => file(content))),
    status: 400,
    code: "SERVE_MALFORMED",
  },
  {
    name: "an empty raw body",
    headers: { "content-type": "image/jpeg" },
    payload: "",
    status: 400,
    code: "SERVE_FILE_MISSING",
  },
  {
    name: "a raw body over the limit",
    headers: { "content-type": "image/jpeg" },
    payload: "x".repeat(1001),
    status: 413,
    code: "SERVE_TOO_LARGE",
  },
  {
    name: "files that are too much together",
    ...multipartBody(["a", "b", "c"].map((content) => file(content.repeat(700)))),
    status: 413,
    code: "SERVE_TOO_LARGE",
  },
  {
    name: "a field name of 3000 characters",
    ...multipartBody([{ name: "n".repeat(3000), content: "x" }]),
    status: 400,
    code: "SERVE_FILE_MISSING",
  },
  {
    name: "no class at all",
    query: { top: "0" },
    ...multipartBody([file("x")]),
    status: 400,
    code: "SERVE_BAD_PARAMETER",
  },
  {
    name: "top that is text",
    query: { top: "x" },
    ...multipartBody([file("x")]),
    status: 400,
    code: "SERVE_BAD_PARAMETER",
  },
  {
    name: "eleven fields",
    ...multipartBody(Array.from({ length: 11 }, () => ({ name: "a", content: "b" }))),
    status: 400,
    code: "SERVE_MALFORMED",
  },
  {
    name: "a truncated form",
    headers: multipartBody([]).headers,
    payload: multipartBody([file("x")]).payload.subarray(0, 90),
    status: 400,
    code: "SERVE_MALFORMED",
  },
  { name: "a file over the limit", ...multipartBody([file("x".repeat(1001))]), status: 413, code: "SERVE_TOO_LARGE" },
  {
    name: "a declared length over the limit",
    ...multipartBody([file("x".repeat(80_000))]),
    status: 413,
    code: "SERVE_TOO_LARGE",
  },
];
for (const { name, status, code, ...request } of refusals) {
  test(`POST /predict refuses ${name}: ${status}`, async (t) => {
    const { app, workers, uploads } = await service(t);
    const response = await app.inject({ method: "POST", url: "/predict", ...request });
    assert.equal(response.statusCode, status, response.body);
    assert.deepEqual(Object.keys(response.json()), ["error"]);
    assert.equal(response.json().error.code, code);
    assert.ok(response.json().error.message.length > 20);
    assert.equal(workers[0]!.photos.length, 0);
    assert.equal(uploads.heldBytes, 0, "nothing is held");
    assert.equal((await app.inject(upload("next"))).statusCode, 200, "the next request is fine");
  });
}

test("a file that is no photo: 400 with the catalogue's message", async (t) => {
  const { app, workers } = await service(t, { answersAtOnce: false });
  const pending = app.inject(upload("not a photo")).then((response) => response);
  while (workers[0]!.photos.length === 0) await settle();
  workers[0]!.fail("IMAGE_UNREADABLE", { name: "The upload", problem: "unsupported format" });
  const response = await pending;
  assert.equal(response.statusCode, 400);
  assert.match(response.json().error.message, /The upload is not a readable photo: unsupported format/);
});

test("a full queue refuses before the upload is read: 503 with Retry-After", async (t) => {
  const { app, workers } = await service(t, { queueLimit: 1, answersAtOnce: false });
  const [first, second] = [app.inject("/test").then((r) => r), app.inject("/test").then((r) => r)];
  while (workers[0]!.photos.length === 0) await settle();
  const response = await app.inject(upload("x"));
  assert.equal(response.statusCode, 503);
  assert.equal(response.json().error.code, "SERVE_OVERLOADED");
  assert.equal(response.headers["retry-after"], "1");
  workers[0]!.answer();
  await settle();
  workers[0]!.answer();
  assert.deepEqual([(await first).statusCode, (await second).statusCode], [200, 200]);
});

test("an unexpected failure is a 500 that tells the client nothing but where to look", async (t) => {
  const { app, workers, log } = await service(t, { answersAtOnce: false });
  const pending = app.inject("/test").then((response) => response);
  while (workers[0]!.photos.length === 0) await settle();
  workers[0]!.fail(null);
  const response = await pending;
  assert.equal(response.statusCode, 500);
  assert.equal(response.json().error.code, "SERVE_INTERNAL");
  assert.doesNotMatch(response.body, /as told by the test/);
  assert.match(log(), /as told by the test/);
});

test("/healthz lives before the worker, /readyz waits for it and ends with the drain", async (t) => {
  const { app, workers, drain } = await service(t, { isReady: false });
  assert.equal((await app.inject("/healthz")).statusCode, 200);
  const early = await app.inject("/readyz");
  assert.equal(early.statusCode, 503);
  assert.equal(early.json().error.code, "SERVE_NOT_READY");
  workers[0]!.becomeReady();
  assert.deepEqual((await app.inject("/readyz")).json(), { status: "ready", workers: 1 });
  drain.isDraining = true;
  const late = await app.inject("/readyz");
  assert.equal(late.statusCode, 503);
  assert.match(late.json().error.message, /draining/);
  const work = await app.inject("/test");
  assert.deepEqual([work.statusCode, work.headers.connection], [200, "close"]);
});

test("/metrics counts requests by route and status, and what a photo took", async (t) => {
  const { app } = await service(t);
  await app.inject("/test");
  await app.inject(upload("x"));
  await app.inject({ method: "POST", url: "/predict" });
  const { body, headers } = await app.inject("/metrics");
  assert.match(headers["content-type"] as string, /^text\/plain; version=0\.0\.4/);
  const expected = [
    /^fulcrum_request_seconds_count\{route="\/test",method="GET",status="200"\} 1$/m,
    /^fulcrum_request_seconds_count\{route="\/predict",method="POST",status="200"\} 1$/m,
    /^fulcrum_request_seconds_count\{route="\/predict",method="POST",status="415"\} 1$/m,
    /^fulcrum_inference_seconds_count 2$/m,
    /^fulcrum_inference_seconds_sum 0\.012$/m,
    /^fulcrum_decode_seconds_sum 0\.004$/m,
    /^fulcrum_batch_size_sum 2$/m,
    /^fulcrum_batch_size_bucket\{le="1"\} 2$/m,
    /^fulcrum_refused_total\{code="SERVE_WRONG_TYPE"\} 1$/m,
    /^fulcrum_queue_length 0$/m,
    /^fulcrum_workers_ready 1$/m,
    /^fulcrum_model_info\{version="[^"]+",sha256="ab",bases="toy",classes="3",synthetic="true"\} 1$/m,
    /^fulcrum_cpu_seconds_total\{part="worker0"\} 1\.5$/m,
    /^fulcrum_resident_memory_bytes\{part="worker0"\} 64000000$/m,
    /^fulcrum_resident_memory_bytes\{part="server"\} \d+$/m,
  ];
  for (const line of expected) assert.match(body, line);
});

test("the page is self-contained and says so in its policy", async (t) => {
  const { app } = await service(t);
  const page = await app.inject("/");
  assert.match(page.headers["content-type"] as string, /^text\/html/);
  const policy = page.headers["content-security-policy"] as string;
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  const linked = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  assert.deepEqual(linked.toSorted(), ["camera.js", "icon.svg", "page.css", "page.js"]);
  for (const path of linked) assert.equal((await app.inject(`/${path}`)).statusCode, 200);
  assert.doesNotMatch(page.body, /\sstyle=|\son\w+=/);
});

test("an unknown path is a 404 that lists what answers", async (t) => {
  const { app } = await service(t);
  const response = await app.inject({ method: "PUT", url: "/predict?x=1" });
  assert.equal(response.statusCode, 404);
  assert.match(response.json().error.message, /PUT \/predict; allowed: GET \/, POST \/predict/);
});

test("logs hold no photo and no file name", async (t) => {
  const { app, log } = await service(t);
  await app.inject(upload("SECRET-PIXELS"));
  await settle();
  const text = log();
  assert.match(text, /"route":"\/predict"/);
  assert.doesNotMatch(text, /SECRET-PIXELS|passwd/);
});
