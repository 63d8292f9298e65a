/** KServe's V2 protocol: bodies written as the specification shows them, and what is not acceptable. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { settle } from "../kit/fake-clock.ts";
import { fakeModel, fakeService, fakeWorkers } from "../kit/serve.ts";

async function service(t: TestContext) {
  const made = await fakeService({ maxUploadBytes: 20_000 });
  t.after(() => made.app.close());
  return made;
}

const inferPath = "/v2/models/toy/infer";
const photo = (data: readonly string[], shape: readonly number[] = [data.length]) => ({
  name: "photo",
  datatype: "BYTES",
  shape,
  data: data.map((text) => Buffer.from(text).toString("base64")),
});
/** The toy model's input is 2 x 2 pixels. */
const pixels = Array.from({ length: 12 }, (_, i) => i * 20);

async function infer(t: TestContext, payload: unknown, headers: Record<string, string> = {}, url = inferPath) {
  const made = await service(t);
  const body = Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const type = { "content-type": "application/json" };
  const response = await made.app.inject({ method: "POST", url, headers: { ...type, ...headers }, payload: body });
  return { response, workers: made.workers };
}

test("health and metadata", async (t) => {
  const { app } = await service(t);
  const get = async (url: string) => (await app.inject(url)).json();
  assert.deepEqual(await get("/v2/health/live"), { live: true });
  assert.deepEqual(await get("/v2/health/ready"), { ready: true });
  assert.deepEqual((await get("/v2")).extensions, ["binary_tensor_data"]);
  const metadata = {
    name: "toy",
    versions: ["ab"],
    platform: "onnxruntime_onnx",
    inputs: [
      { name: "photo", datatype: "BYTES", shape: [-1] },
      { name: "image", datatype: "UINT8", shape: [-1, 2, 2, 3] },
    ],
    outputs: [
      { name: "probabilities", datatype: "FP32", shape: [-1, 3] },
      { name: "class", datatype: "BYTES", shape: [-1] },
    ],
  };
  assert.deepEqual(await get("/v2/models/toy"), metadata);
  assert.deepEqual(await get("/v2/models/toy/versions/ab"), metadata);
  assert.deepEqual(await get("/v2/models/toy/ready"), { name: "toy", ready: true });
  assert.deepEqual(await get("/v2/models/toy/versions/ab/ready"), { name: "toy", ready: true });
});

for (const url of ["/v2/models/other", "/v2/models/toy/versions/2", "/v2/models/other/ready"]) {
  test(`${url} is a 404 with the protocol's error`, async (t) => {
    const { app } = await service(t);
    const response = await app.inject(url);
    assert.equal(response.statusCode, 404);
    assert.match(response.json().error, /^There is no model .*; served: toy.* \[SERVE_NO_SUCH_MODEL\]$/);
  });
}

test("not ready is a 503 with the protocol's error", async (t) => {
  const { app } = await fakeService({ isReady: false });
  t.after(() => app.close());
  for (const url of ["/v2/health/ready", "/v2/models/toy", "/v2/models/toy/ready"]) {
    const response = await app.inject(url);
    assert.equal(response.statusCode, 503);
    assert.match(response.json().error, /\[SERVE_NOT_READY\]$/);
  }
});

test("encoded photos as JSON: two in, two rows out", async (t) => {
  const { response, workers } = await infer(t, { id: "42", inputs: [photo(["one", "two"])] });
  assert.equal(response.statusCode, 200, response.body);
  const { outputs, ...head } = response.json();
  assert.deepEqual(head, { model_name: "toy", model_version: "ab", id: "42" });
  const [probabilities, classes] = outputs;
  assert.deepEqual(
    [probabilities.name, probabilities.datatype, probabilities.shape],
    ["probabilities", "FP32", [2, 3]],
  );
  assert.deepEqual(probabilities.data.map(Math.fround), [0.7, 0.2, 0.1, 0.7, 0.2, 0.1].map(Math.fround));
  assert.deepEqual(classes, { name: "class", datatype: "BYTES", shape: [2], data: ["Bread", "Bread"] });
  assert.deepEqual(workers[0]!.photos.map(String), ["one", "two"]);
});

test("binary in and binary out: tensors follow the JSON part in order", async (t) => {
  const elements = [Buffer.from("first"), Buffer.from("2nd")].flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  const tail = Buffer.concat(elements);
  const head = JSON.stringify({
    inputs: [{ name: "photo", datatype: "BYTES", shape: [2, 1], parameters: { binary_data_size: tail.length } }],
    outputs: [{ name: "class" }, { name: "probabilities", parameters: { binary_data: false } }],
    parameters: { binary_data_output: true },
  });
  const { response, workers } = await infer(t, Buffer.concat([Buffer.from(head), tail]), {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(head.length),
  });
  assert.equal(response.statusCode, 200, response.body);
  assert.deepEqual(workers[0]!.photos.map(String), ["first", "2nd"]);
  const jsonBytes = Number(response.headers["inference-header-content-length"]);
  const [classes, probabilities] = JSON.parse(response.rawPayload.subarray(0, jsonBytes).toString()).outputs;
  assert.deepEqual(classes, { name: "class", datatype: "BYTES", shape: [2], parameters: { binary_data_size: 18 } });
  assert.equal(probabilities.data.length, 6);
  assert.equal(response.rawPayload.subarray(jsonBytes).toString("latin1"), "\x05\0\0\0Bread\x05\0\0\0Bread");
});

const image = { name: "image", shape: [1, 2, 2, 3] };
const nested = [
  [
    [pixels.slice(0, 3), pixels.slice(3, 6)],
    [pixels.slice(6, 9), pixels.slice(9)],
  ],
];
for (const [name, input] of Object.entries({
  "flat UINT8": { ...image, datatype: "UINT8", data: pixels },
  "nested UINT8": { ...image, datatype: "UINT8", data: nested },
  "FP32, rounded": { ...image, datatype: "FP32", data: pixels.map((value) => value + 0.25) },
})) {
  test(`pixels as JSON: ${name}`, async (t) => {
    const { response, workers } = await infer(t, { inputs: [input] });
    assert.equal(response.statusCode, 200, response.body);
    assert.deepEqual([...workers[0]!.photos[0]!], pixels);
    assert.deepEqual(workers[0]!.forms, ["pixels"]);
  });
}

test("binary FP32 pixels, two photos", async (t) => {
  const tail = Buffer.from(Float32Array.from([...pixels, ...pixels.toReversed()]).buffer);
  const head = JSON.stringify({
    inputs: [{ ...image, shape: [2, 2, 2, 3], datatype: "FP32", parameters: { binary_data_size: tail.length } }],
  });
  const headers = { "inference-header-content-length": String(head.length) };
  const { response, workers } = await infer(t, Buffer.concat([Buffer.from(head), tail]), headers);
  assert.equal(response.statusCode, 200, response.body);
  assert.deepEqual(
    workers[0]!.photos.map((one) => [...one]),
    [pixels, pixels.toReversed()],
  );
});

const uint8 = { ...image, datatype: "UINT8" };
const refusals: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  "no JSON": [Buffer.from("{"), /not JSON/],
  "no inputs": [{ inputs: [] }, /inputs/],
  "an unknown datatype": [{ inputs: [{ ...image, datatype: "INT64", data: pixels }] }, /datatype/],
  "an unknown input": [{ inputs: [{ ...uint8, name: "x", data: pixels }] }, /x is not usable.*photo alone, or image/],
  "an input twice": [
    {
      inputs: [
        { ...uint8, data: pixels },
        { ...uint8, data: pixels },
      ],
    },
    /exactly once/,
  ],
  "another shape": [{ inputs: [{ ...uint8, shape: [1, 2, 3, 2], data: pixels }] }, /shape \[1,2,3,2\].*\[1,2,2,3\]/],
  "a huge shape": [
    { inputs: [{ ...uint8, shape: [1e15, 2, 2, 3], data: pixels }] },
    /1000000000000000 photos; allowed: at most 3/,
  ],
  "too many values": [{ inputs: [{ ...uint8, data: [...pixels, 0] }] }, /more than 12 values/],
  "empty lists without end": [{ inputs: [{ ...uint8, data: Array(2000).fill([]) }] }, /more than 1021 lists/],
  "an output twice": [{ inputs: [photo(["a"])], outputs: Array(3).fill({ name: "class" }) }, /outputs/],
  "too few values": [{ inputs: [{ ...uint8, data: pixels.slice(1) }] }, /11 values/],
  "a value over 255": [{ inputs: [{ ...uint8, data: pixels.with(3, 256) }] }, /value 256/],
  "a part of a level": [{ inputs: [{ ...uint8, data: pixels.with(3, 0.5) }] }, /whole/],
  "a value that is no number": [{ inputs: [{ ...image, datatype: "FP32", data: pixels.map(String) }] }, /value/],
  "no data": [{ inputs: [uint8] }, /no data/],
  "no base64": [{ inputs: [{ ...photo(["x"]), data: ["?"] }] }, /base64/],
  "too many photos": [{ inputs: [photo(["a", "b", "c", "d"])] }, /at most 3/],
  "an unknown output": [{ inputs: [photo(["a"])], outputs: [{ name: "logits" }] }, /outputs.0.name/],
  "a binary size that is not there": [
    { inputs: [{ ...uint8, parameters: { binary_data_size: 12 } }] },
    /binary_data_size 12; allowed: 0 bytes are there/,
  ],
};
for (const [name, [payload, message]] of Object.entries(refusals)) {
  test(`infer refuses ${name}: 400`, async (t) => {
    const { response, workers } = await infer(t, payload);
    assert.equal(response.statusCode, 400, response.body);
    assert.deepEqual(Object.keys(response.json()), ["error"]);
    assert.match(response.json().error, message);
    assert.equal(workers[0]!.photos.length, 0);
  });
}

test("a BYTES tensor of zeros is refused at the count of its shape, not after all its elements are made", async (t) => {
  const tail = Buffer.alloc(15_000);
  for (const [count, message] of [
    [2, /more than 2 values/],
    [3750, /3750 photos; allowed: at most 3/],
  ] as const) {
    const parameters = { binary_data_size: tail.length };
    const head = JSON.stringify({ inputs: [{ name: "photo", datatype: "BYTES", shape: [count], parameters }] });
    const headers = { "inference-header-content-length": String(head.length) };
    const { response } = await infer(t, Buffer.concat([Buffer.from(head), tail]), headers);
    assert.equal(response.statusCode, 400);
    assert.match(response.json().error, message);
  }
});

test("photos that fail together: those that wait are dropped, and none is held when the memory is given back", async (t) => {
  const { app, workers, pool, uploads } = await fakeService({ maxUploadBytes: 20_000, answersAtOnce: false });
  t.after(() => app.close());
  const payload = { inputs: [photo(["bad", "b", "c"])] };
  const pending = app.inject({ method: "POST", url: inferPath, payload });
  void pending.then(() => {});
  while (workers[0]!.photos.length === 0) await settle();
  assert.ok(uploads.heldBytes > 0);
  workers[0]!.fail("IMAGE_UNREADABLE", { name: "The upload", problem: "it is a test" });
  await settle();
  assert.ok(uploads.heldBytes > 0, "the worker has taken the next one before the failure was known");
  workers[0]!.answer();
  assert.equal((await pending).statusCode, 400);
  assert.deepEqual([workers[0]!.photos.map(String), pool.waiting, uploads.heldBytes], [["bad", "b"], 0, 0]);
});

const otherModel = { ...fakeModel, inputs: [{ name: "image", size: 3 }], sha256: "cd" };
/** What of each request waits while the model is replaced. */
const acrossReload: Readonly<Record<string, { url: string; input: unknown; status: number }>> = {
  "pixels are not shown to a model of another size": {
    url: inferPath,
    input: { ...image, datatype: "UINT8", data: pixels },
    status: 503,
  },
  "a version is not answered by another": { url: "/v2/models/toy/versions/ab/infer", input: photo(["a"]), status: 503 },
  "a photo is answered by whichever model": { url: inferPath, input: photo(["a"]), status: 200 },
  "two models are not in one answer": { url: inferPath, input: photo(["a", "b"]), status: 503 },
};
for (const [name, { url, input, status }] of Object.entries(acrossReload)) {
  test(`a reload in between: ${name}`, async (t) => {
    const { app, workers, pool } = await fakeService({ maxUploadBytes: 20_000, answersAtOnce: false });
    t.after(() => app.close());
    const isPair = name.startsWith("two");
    const first = isPair ? undefined : pool.classify(Buffer.from("before"), new AbortController().signal);
    const pending = app.inject({ method: "POST", url, payload: { inputs: [input] } });
    void pending.then(() => {});
    while (pool.waiting < 1) await settle();
    const fresh = fakeWorkers();
    const reloaded = pool.reload(fresh.startWorker);
    fresh.started[0]!.becomeReady(otherModel);
    await reloaded;
    workers[0]!.answer();
    await first;
    await settle();
    if (fresh.started[0]!.photos.length > 0) fresh.started[0]!.answer();
    const response = await pending;
    assert.equal(response.statusCode, status, response.body);
    if (status === 503) assert.match(response.json().error, /replaced meanwhile.*\[SERVE_NOT_READY\]$/);
    else assert.equal(response.json().model_version, "cd");
  });
}

test("infer refuses other content types and bodies over the limit", async (t) => {
  const typed = await infer(t, "x", { "content-type": "text/plain" });
  assert.equal(typed.response.statusCode, 415);
  assert.match(typed.response.json().error, /\[SERVE_WRONG_TYPE\]$/);
  const large = await infer(t, { inputs: [photo(["x".repeat(18_000)])] });
  assert.equal(large.response.statusCode, 413);
});
