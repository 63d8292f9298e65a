/** From a scenario to runs and words, and the request's bytes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadScenario } from "../../src/config/load.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { describeScenario, originalScenario, parseScenario, runsOf } from "../../src/load/index.ts";
import { getRequest, parseLoadUrl, renderRequest, uploadRequest } from "../../src/load/request.ts";

test("the original's series is 30 one-minute runs", () => {
  const runs = runsOf(originalScenario);
  const table = runs.map((run) => (run.kind === "closed" ? [run.durationSeconds, run.delaySeconds, run.users] : []));
  assert.equal(table.length, 30);
  assert.deepEqual(table[0], [60, 100, 20]);
  assert.deepEqual(table[9], [60, 3, 20]);
  assert.deepEqual(table[10], [60, 1, 20]);
  assert.deepEqual(table[19], [60, 1, 30]);
  assert.deepEqual(table[29], [60, 80, 20]);
  assert.equal(describeScenario(originalScenario), "30 runs of 60s: siege with 20 to 30 users, delays 1 to 100 s");
});

test("a time scale shrinks minutes; users and delays stay", () => {
  const runs = runsOf(originalScenario, 30);
  assert.deepEqual(runs[19], { kind: "closed", users: 30, delaySeconds: 1, durationSeconds: 2 });
  const scaled = { ...originalScenario, timeScale: 12 };
  assert.equal(runsOf(scaled)[0]!.durationSeconds, 5);
});

test("single runs are told in siege's flags", () => {
  const ten = loadScenario.parse({ name: "ten", kind: "closed", users: 10, duration: "1m" });
  assert.equal(describeScenario(ten), "siege -c 10 -t 60s");
  const slow = loadScenario.parse({ name: "slow", kind: "closed", users: 20, delay: "1s", duration: "60s" });
  assert.equal(describeScenario(slow), "siege -d 1 -c 20 -t 60s");
  const open = loadScenario.parse({ name: "open", kind: "open", ratePerSecond: 50, duration: 5 });
  assert.equal(describeScenario(open), "open loop, 50 requests a second for 5s");
});

test("a scenario file is an entry of loads", () => {
  const text = "name: short\nkind: series\nminutes:\n  - { minutes: 2, delay: 1s, users: 5 }\n";
  assert.equal(runsOf(parseScenario(text, "short.yaml")).length, 2);
  for (const bad of ["name: [", "name: x\nkind: closed\n", "42"]) {
    assert.throws(
      () => parseScenario(bad, "bad.yaml"),
      (error) => isFulcrumError(error, "LOAD_SCENARIO_INVALID") && error.message.startsWith("bad.yaml"),
    );
  }
});

test("only http and https addresses are loaded", () => {
  assert.equal(parseLoadUrl("https://example.org/test").host, "example.org");
  for (const bad of ["ftp://127.0.0.1/", "127.0.0.1:8080/test", "file:///etc/passwd", ""]) {
    assert.throws(
      () => parseLoadUrl(bad),
      (error) => isFulcrumError(error, "LOAD_URL_INVALID"),
    );
  }
});

test("a GET has siege's headers", () => {
  const bytes = renderRequest(getRequest("http://127.0.0.1:8080/test?a=1#b"), false, "fulcrum/1");
  assert.equal(
    bytes.toString(),
    "GET /test?a=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n" +
      "User-Agent: fulcrum/1\r\nConnection: close\r\n\r\n",
  );
});

test("credentials of the address are sent as Basic authorization", () => {
  const text = renderRequest(getRequest("http://user:p%40ss@host/"), true, "fulcrum/1").toString();
  // RFC 7617: base64 of "user:p@ss"
  assert.match(text, /\r\nAuthorization: Basic dXNlcjpwQHNz\r\n/);
  assert.match(text, /\r\nConnection: keep-alive\r\n/);
});

test("an upload is the form of the upload page", () => {
  const text = renderRequest(
    uploadRequest("http://h/predict", 'a "b".JPG', Buffer.from("bytes")),
    false,
    "a",
  ).toString();
  const [head, ...rest] = text.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const boundary = /boundary=(\S+)/.exec(head!)![1]!;
  assert.equal(Number(/Content-Length: (\d+)/.exec(head!)![1]), body.length);
  assert.equal(
    body,
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a _b_.JPG"\r\nContent-Type: image/jpeg` +
      `\r\n\r\nbytes\r\n--${boundary}--\r\n`,
  );
});
