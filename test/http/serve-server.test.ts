/** The listening service with real worker processes (kit/fake-worker.ts): faults inside, and the way down. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serveOptions } from "../../src/serve/options.ts";
import { pinFile } from "../../src/serve/pinned-file.ts";
import { type RunningServer, startServer } from "../../src/serve/server.ts";
import { childWorkers } from "../../src/serve/worker-link.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { multipartBody } from "../kit/serve.ts";

const entry = fileURLToPath(new URL("../kit/fake-worker.ts", import.meta.url));

async function start(t: TestContext, flags: Record<string, unknown> = {}, modelPath = "toy"): Promise<RunningServer> {
  const server = await startServer({
    modelPath: import.meta.filename,
    options: serveOptions.parse({ port: 0, log: "silent", threads: 1, ...flags }),
    workersFor: () => childWorkers({ modelPath, threads: 1, entry }),
    testPhoto: Buffer.from("slow"),
  });
  t.after(() => server.drain());
  return server;
}

interface Got {
  readonly status: number;
  readonly connection: string | undefined;
  readonly text: string;
}

/** One request by node:http, which, unlike fetch, shows and keeps connections as told. */
function send(
  server: RunningServer,
  path: string,
  body?: ReturnType<typeof multipartBody>,
  agent?: Agent,
): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const options = { method: body ? "POST" : "GET", headers: body?.headers, agent: agent ?? new Agent() };
  const sent = request(`${server.url}${path}`, options, async (response) => {
    const chunks = await response.toArray();
    const { statusCode = 0, headers } = response;
    resolve({ status: statusCode, connection: headers.connection, text: Buffer.concat(chunks).toString() });
  });
  sent.once("error", reject);
  sent.end(body?.payload);
  return promise;
}

const predict = (server: RunningServer, text: string, agent?: Agent) =>
  send(server, "/predict", multipartBody([{ name: "file", content: text, fileName: "a.jpg" }]), agent);
const codeOf = ({ text }: Got): string => JSON.parse(text).error.code;

test("a photo goes to a worker process and back", async (t) => {
  const server = await start(t);
  assert.deepEqual((await server.opened).classes, ["Bread", "Egg", "Soup"]);
  assert.equal((await send(server, "/readyz")).status, 200);
  const answered = await predict(server, "x".repeat(300_000));
  assert.equal(answered.status, 200);
  assert.equal(JSON.parse(answered.text).class, "Bread");
  assert.equal(codeOf(await predict(server, "refuse")), "IMAGE_UNREADABLE");
});

test("a photo that crashes workers gets a 503; the service heals for the next", async (t) => {
  const server = await start(t);
  const crashed = await predict(server, "crash");
  assert.deepEqual([crashed.status, codeOf(crashed)], [503, "SERVE_WORKER_LOST"]);
  assert.match(crashed.text, /lost 2 times \(ended by SIGSEGV\)/);
  assert.equal((await predict(server, "fine")).status, 200);
  assert.match((await send(server, "/metrics")).text, /^fulcrum_workers_lost_total 2$/m);
});

test("a signal to reload that reaches the workers too does not end them", async (t) => {
  const server = await start(t);
  assert.equal((await predict(server, "hangup")).status, 200);
  assert.match((await send(server, "/metrics")).text, /^fulcrum_workers_lost_total 0$/m);
});

test("bounds that would refuse an allowed request for ever are refused at the start", async (t) => {
  await assert.rejects(start(t, { queue: 8 }), {
    code: "SERVE_BOUNDS",
    message: /--max-photos 16.*--queue 8 and 1 work/,
  });
  await assert.rejects(start(t, { uploadMemory: "10Mi" }), {
    code: "SERVE_BOUNDS",
    message: /--max-upload.*--upload-mem/,
  });
  await start(t, { queue: 15, uploadMemory: "20Mi" });
});

const noDescriptors = !existsSync("/proc/self/fd");

/** How many descriptors this process has of a file. */
function opened(path: string): number {
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false; // The one of the listing itself.
    }
  }).length;
}

test("model and answers are closed after a drain and after a failed start", { skip: noDescriptors }, async (t) => {
  const answers = join(await temporaryFolder(t), "answers.sqlite");
  const open = () => [opened(import.meta.filename), opened(answers)];
  await assert.rejects(start(t, { answers, queue: 0 }), { code: "SERVE_BOUNDS" });
  await assert.rejects(start(t, { answers, host: "256.0.0.1" }), { code: "SERVE_CANNOT_LISTEN" });
  assert.deepEqual(open(), [0, 0]);
  const server = await start(t, { answers });
  assert.deepEqual(open(), [1, 1]);
  await server.drain();
  assert.deepEqual(open(), [0, 0]);
});

test("a named pipe is no model, and nobody waits for it", { skip: process.platform === "win32" }, async (t) => {
  const path = join(await temporaryFolder(t), "pipe");
  execFileSync("mkfifo", [path]);
  assert.throws(() => pinFile(path), { code: "FILE_UNREADABLE", message: /not a file/ });
});

test("a hung run is ended after the limit, though its process is blocked", async (t) => {
  const server = await start(t, { runLimit: "0.3s" });
  const hung = await predict(server, "hang");
  assert.deepEqual([hung.status, codeOf(hung)], [503, "SERVE_WORKER_HUNG"]);
  assert.equal((await predict(server, "fine")).status, 200);
});

test("a model that cannot be opened is the service's failure", async (t) => {
  const server = await start(t, {}, "bad");
  assert.equal((await server.failure).code, "MODEL_FILE_INVALID");
  assert.equal((await send(server, "/readyz")).status, 503);
});

test("a port in use is refused with the next step", async (t) => {
  const { port } = await start(t);
  await assert.rejects(start(t, { port }), { code: "SERVE_CANNOT_LISTEN", message: /choose another --port/ });
});

test("a drain loses no request: what runs and what waits is answered, then nothing listens", async (t) => {
  const server = await start(t, { drainDelay: "0.2s" });
  await server.opened;
  const keepAlive = new Agent({ keepAlive: true });
  t.after(() => keepAlive.destroy());
  await predict(server, "fine", keepAlive);
  const silent = connect(server.port, "127.0.0.1");
  await once(silent, "connect");
  const underWay = [send(server, "/test"), send(server, "/test"), predict(server, "slow", keepAlive)];
  // A later request's answer: the earlier ones are in.
  await send(server, "/healthz");

  const drained = server.drain();
  const ready = await send(server, "/readyz");
  assert.deepEqual([ready.status, ready.connection], [503, "close"]);
  const late = await send(server, "/test");
  assert.equal(late.status, 200, "during the delay it still listens");
  for (const { status, connection } of await Promise.all(underWay))
    assert.deepEqual([status, connection], [200, "close"]);
  await drained;
  await assert.rejects(send(server, "/healthz"), { code: "ECONNREFUSED" });
});

test("clients that leave, in the middle of an upload or of the wait, cost nothing", async (t) => {
  const server = await start(t);
  await server.opened;
  const running = send(server, "/test");
  const whole = "GET /test HTTP/1.1\r\nhost: x\r\n\r\n";
  const half = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 9000\r\n\r\nabc";
  for (const text of [whole, half, whole, half]) {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(text, () => socket.destroy());
  }
  // Two of "slow" would take 0.4 s more; the queue is empty and nothing is in flight but these two requests.
  const stateOf = async () =>
    (await send(server, "/metrics")).text.match(/^fulcrum_(queue_length|requests_in_flight) \d+$/gm);
  while (JSON.stringify(await stateOf()) !== '["fulcrum_requests_in_flight 2","fulcrum_queue_length 0"]') {
    const answered = await Promise.race([running.then(() => true), new Promise((resolve) => setTimeout(resolve, 5))]);
    if (answered) break;
  }
  assert.equal((await running).status, 200);
  while ((await stateOf())![0] !== "fulcrum_requests_in_flight 1");
  const counts = (await send(server, "/metrics")).text;
  assert.match(
    counts,
    /^fulcrum_inference_seconds_count [12]$/m,
    "what was left was not computed, but for one under way",
  );
  assert.match(counts, /^fulcrum_refused_total\{code="SERVE_CLIENT_LEFT"\} 4$/m);
  assert.doesNotMatch(counts, /SERVE_INTERNAL|SERVE_MALFORMED/);
});

const part = (name: string, more = "") => `--x\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
const tail = "y".repeat(400_000);
const unwanted: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "a file over the limit": ["multipart/form-data; boundary=x", `${part("file", '; filename="a"')}${tail}\r\n--x--\r\n`],
  "too many fields": [
    "multipart/form-data; boundary=x",
    `${`${part("a")}b\r\n`.repeat(40)}${part("z")}${tail}\r\n--x--\r\n`,
  ],
  "too many files": [
    "multipart/form-data; boundary=x",
    `${`${part("file", '; filename="a"')}b\r\n`.repeat(40)}--x--\r\n${tail}`,
  ],
  "a part whose header is broken": [
    "multipart/form-data; boundary=x",
    `--x\r\n\x00\x01: \xff\r\nb\r\n\r\n${tail}\r\n--x--\r\n`,
  ],
  "a form without its boundary": ["multipart/form-data; boundary=x", tail],
  "a form that does not name its boundary": ["multipart/form-data", tail],
  "bytes behind the form's end": ["multipart/form-data; boundary=x", `${part("a")}b\r\n--x--\r\n${tail}`],
  "another content type": ["text/plain", tail],
  "a raw photo over the limit": ["image/jpeg", tail],
};
for (const [name, [type, body]] of Object.entries(unwanted)) {
  test(`a refused body does not stand in the way of the connection's next request: ${name}`, {
    timeout: 20_000,
  }, async (t) => {
    const server = await start(t, { maxUpload: "100k", uploadMemory: "10M" });
    const socket = connect(server.port, "127.0.0.1");
    t.after(() => socket.destroy());
    const head = `POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}`;
    socket.write(`${head}\r\n\r\n${body}GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    assert.match(text, /^HTTP\/1\.1 4\d\d [\s\S]*"code":"SERVE_[\s\S]*HTTP\/1\.1 200 OK[\s\S]*"alive"/);
  });
}
