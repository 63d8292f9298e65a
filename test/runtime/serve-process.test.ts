/** `fulcrum serve` as its users start it: a process with a real model, answers known in closed form, SIGTERM, exit 0. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { projectDir } from "../../src/config/paths.ts";
import { encodePng } from "../../src/images/index.ts";
import type { PredictionAnswer } from "../../src/serve/schemas.ts";
import { toyClasses, toyModelFile } from "../kit/toy-model.ts";

async function modelPath(t: TestContext, bytes: Uint8Array): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-serve-"));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, "model.onnx");
  await writeFile(path, bytes);
  return path;
}

function startProcess(t: TestContext, args: readonly string[]) {
  const child = spawn(process.execPath, [join(projectDir, "src/cli/main.ts"), "serve", ...args]);
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return { child, lines: createInterface(child.stdout), exit, errors: () => errors };
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await delay(20);
}

const plain = (colour: readonly number[]) => ({
  width: 32,
  height: 24,
  data: Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => colour[i % 3]!),
});

test("announces its port, classifies, drains on SIGTERM and exits with 0", async (t) => {
  const path = await modelPath(t, toyModelFile());
  const { child, lines, exit, errors } = startProcess(t, [path, "--port", "0", "--announce", "--threads", "2"]);
  const [line] = await once(lines, "line");
  const announced = JSON.parse(line);
  assert.equal(announced.event, "listening");
  assert.deepEqual([announced.workers, announced.threadsPerWorker], [2, 1]);
  const url = `http://127.0.0.1:${announced.port}`;
  await untilReady(url);

  for (const [i, name] of toyClasses.entries()) {
    const body = new FormData();
    body.append("file", new Blob([Uint8Array.from(await encodePng(plain([0, 1, 2].map((c) => (c === i ? 255 : 0)))))]));
    const response = await fetch(`${url}/predict`, { method: "POST", body });
    const answer = (await response.json()) as PredictionAnswer;
    assert.equal(answer.class, name);
    const expected = Math.exp(10) / (Math.exp(10) + 2);
    assert.ok(Math.abs(answer.confidence - expected) < 1e-5, `confidence ${answer.confidence}`);
  }
  assert.ok(toyClasses.includes(await (await fetch(`${url}/test`, { headers: { accept: "text/plain" } })).text()));
  const noPhoto = new FormData();
  noPhoto.append("file", new Blob(["GIF89a nothing"]));
  const refused = await fetch(`${url}/predict`, { method: "POST", body: noPhoto });
  assert.equal(refused.status, 415);
  assert.match(await refused.text(), /^\{"error":\{"code":"IMAGE_FORMAT_FOREIGN",/);

  child.kill("SIGTERM");
  assert.deepEqual(await exit, [0, null], errors());
});

test("a file that is no model ends it with the reason", async (t) => {
  const path = await modelPath(t, Buffer.from("no model"));
  const { exit, errors } = startProcess(t, [path, "--port", "0", "--threads", "1"]);
  const [code] = await exit;
  assert.equal(code, 3);
  assert.match(errors(), /is not a fulcrum model file.*\[MODEL_FILE_INVALID\]/);
});
