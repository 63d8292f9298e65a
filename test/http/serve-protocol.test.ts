/** What /predict takes and gives beside a form with one photo: several, raw bytes, top-k; and the model's replacement. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { settle } from "../kit/fake-clock.ts";
import { adminToken, fakeService, multipartBody } from "../kit/serve.ts";

async function service(t: TestContext, options: Parameters<typeof fakeService>[0] = {}) {
  const made = await fakeService(options);
  t.after(() => made.app.close());
  return made;
}

const form = (...contents: string[]) => ({
  method: "POST" as const,
  url: "/predict",
  ...multipartBody(contents.map((content) => ({ name: "file", content, fileName: "a.jpg" }))),
});

for (const type of ["image/jpeg", "image/heic", "application/octet-stream"]) {
  test(`the body itself is the photo: ${type}`, async (t) => {
    const { app, workers, uploads } = await service(t);
    const headers = { "content-type": type };
    const response = await app.inject({ method: "POST", url: "/predict?top=1", headers, payload: "photo bytes" });
    assert.equal(response.statusCode, 200);
    assert.deepEqual(response.json().probabilities, [{ class: "Bread", probability: 0.7 }]);
    assert.deepEqual(workers[0]!.photos.map(String), ["photo bytes"]);
    assert.equal(uploads.heldBytes, 0);
  });
}

test("several photos get a list in their order; a photo's own fault stands in its place", async (t) => {
  const { app, workers } = await service(t, { answersAtOnce: false });
  const answered = app.inject({ ...form("first", "second"), url: "/predict?top=2" }).then((response) => response);
  while (workers[0]!.photos.length < 1) await settle();
  workers[0]!.fail("IMAGE_UNREADABLE", { name: "The upload", problem: "it is a test" });
  while (workers[0]!.photos.length < 2) await settle();
  workers[0]!.answer([0.1, 0.2, 0.7]);
  const [first, second] = (await answered).json();
  assert.equal(first.error.code, "IMAGE_UNREADABLE");
  assert.deepEqual([second.class, second.probabilities.length], ["Soup", 2]);
});

test("several photos that do not all find room are refused together", async (t) => {
  const { app, workers, uploads } = await service(t, { queueLimit: 1, answersAtOnce: false });
  const response = await app.inject(form("a", "b", "c"));
  assert.equal(response.statusCode, 503);
  assert.equal(response.json().error.code, "SERVE_OVERLOADED");
  assert.equal(response.headers["retry-after"], "1");
  assert.deepEqual([workers[0]!.photos.length, uploads.heldBytes], [0, 0]);
  assert.equal((await app.inject("/readyz")).statusCode, 200, "there is plenty of room");
});

test("uploads under way are bounded together; refused ones leave the others alone", async (t) => {
  const { app, uploads } = await service(t, { maxUploadBytes: 1000 });
  const other = uploads.lease(10_000);
  other.take(9_500);
  const refused = await app.inject(form("x".repeat(600)));
  assert.deepEqual([refused.statusCode, refused.json().error.code], [503, "SERVE_UPLOADS_FULL"]);
  assert.equal(uploads.heldBytes, 9_500);
  other.release();
  assert.equal((await app.inject(form("x".repeat(600)))).statusCode, 200);
});

test("an overloaded service is not ready, and ready again when the queue is short", async (t) => {
  const { app, workers } = await service(t, { queueLimit: 2, answersAtOnce: false });
  const waiting = ["a", "b", "c"].map((text) => app.inject(form(text)).then((response) => response));
  while (workers[0]!.photos.length === 0) await settle();
  await settle();
  assert.equal((await app.inject(form("d"))).statusCode, 503);
  const busy = await app.inject("/readyz");
  assert.deepEqual([busy.statusCode, busy.json().error.code], [503, "SERVE_NOT_READY"]);
  assert.match((await app.inject("/v2/health/ready")).body, /overloaded/);
  for (let i = 0; i < 3; i++) {
    workers[0]!.answer();
    await settle();
  }
  for (const response of await Promise.all(waiting)) assert.equal(response.statusCode, 200);
  assert.equal((await app.inject("/readyz")).statusCode, 200);
  assert.match((await app.inject("/metrics")).body, /^fulcrum_refused_total\{code="SERVE_OVERLOADED"\} 1$/m);
});

test("PUT /admin/model wants the token, and says what it did or why not", async (t) => {
  const { app } = await service(t);
  const put = (authorization: string | undefined, payload?: unknown) =>
    app.inject({
      method: "PUT",
      url: "/admin/model",
      headers: {
        ...(authorization && { authorization }),
        ...(payload !== undefined && { "content-type": "application/json" }),
      },
      ...(payload !== undefined && { payload: JSON.stringify(payload) }),
    });
  for (const wrong of [undefined, "Bearer wrong", `Basic ${adminToken}`, `Bearer ${adminToken}x`]) {
    const refused = await put(wrong, { path: "new.onnx" });
    assert.deepEqual([refused.statusCode, refused.json().error.code], [401, "SERVE_UNAUTHORIZED"]);
    assert.equal(refused.headers["www-authenticate"], "Bearer");
  }
  const { seconds, ...done } = (await put(`Bearer ${adminToken}`)).json();
  assert.deepEqual(done, { model: "cd", previous: "ab", classes: ["Bread", "Egg", "Soup"] });
  assert.equal(typeof seconds, "number");
  assert.equal((await put(`Bearer ${adminToken}`, { path: "new.onnx" })).statusCode, 200);
  const bad = await put(`Bearer ${adminToken}`, { path: "bad" });
  assert.deepEqual([bad.statusCode, bad.json().error.code], [422, "SERVE_RELOAD_FAILED"]);
  assert.equal((await put(`Bearer ${adminToken}`, { file: "x" })).statusCode, 400);
});
