/** Replacing the model of a real service: by SIGHUP and by PUT, under load, with a bad file, and with a crash after it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { projectDir } from "../../src/config/paths.ts";
import { encodePng } from "../../src/images/index.ts";
import type { PredictionAnswer } from "../../src/serve/schemas.ts";
import { toyModelFile } from "../kit/toy-model.ts";

const token = "token-of-this-test";
const red = await encodePng({
  width: 9,
  height: 9,
  data: Uint8Array.from({ length: 243 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
});
const [english, german] = [toyModelFile(), toyModelFile(["Rot", "Grün", "Blau"])];

async function start(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-reload-"));
  const model = join(dir, "model.onnx");
  await writeFile(model, english);
  await writeFile(join(dir, "token"), `${token}\n`);
  const args = ["--port", "0", "--announce", "--threads", "2", "--log", "fatal", "--admin-token", join(dir, "token")];
  const child = spawn(process.execPath, [join(projectDir, "src/cli/main.ts"), "serve", model, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(async () => {
    child.kill("SIGKILL");
    await rm(dir, { recursive: true });
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const url = `http://127.0.0.1:${JSON.parse(line).port}`;
  while ((await readyWorkers(url)) < 2) await delay(20);
  return {
    child,
    url,
    dir,
    model,
    putInPlace: async (bytes: Uint8Array | string) => {
      await writeFile(`${model}.new`, bytes);
      await rename(`${model}.new`, model);
    },
  };
}

async function readyWorkers(url: string): Promise<number> {
  const response = await fetch(`${url}/readyz`);
  return response.ok ? ((await response.json()) as { workers: number }).workers : 0;
}

async function predict(url: string): Promise<PredictionAnswer> {
  const headers = { "content-type": "image/png" };
  const response = await fetch(`${url}/predict`, { method: "POST", headers, body: Uint8Array.from(red) });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as PredictionAnswer;
}

const put = (url: string, body?: unknown) =>
  fetch(`${url}/admin/model`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function workersOf({ pid }: ChildProcess): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").filter(Boolean).map(Number);
}

test("SIGHUP under load: every photo is answered, by the one model or the other", async (t) => {
  const { child, url, putInPlace } = await start(t);
  const classes = new Map<string, string>();
  let isOver = false;
  const users = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const { class: name, model } = await predict(url);
      classes.set(model, name);
    }
  });
  await putInPlace(german);
  child.kill("SIGHUP");
  while ((await predict(url)).class !== "Rot") await delay(5);
  while (!/^fulcrum_model_reloads_total\{outcome="done"\} 1$/m.test(await (await fetch(`${url}/metrics`)).text()))
    await delay(20);
  isOver = true;
  await Promise.all(users);
  assert.deepEqual([...classes.values()].toSorted(), ["Red", "Rot"]);
});

test("a bad file leaves the old model serving, also when a worker crashes afterwards", async (t) => {
  const { child, url, dir, putInPlace } = await start(t);
  const before = await predict(url);
  await putInPlace("no model");
  const refused = await put(url);
  const { error } = (await refused.json()) as { error: { code: string; message: string } };
  assert.deepEqual([refused.status, error.code], [422, "SERVE_RELOAD_FAILED"]);
  assert.match(error.message, new RegExp(`${dir}/model.onnx is not a fulcrum model file.* The one before serves on`));
  const missing = await put(url, { path: join(dir, "none.onnx") });
  assert.equal(missing.status, 422);

  for (const worker of await workersOf(child)) process.kill(worker, "SIGKILL");
  while ((await readyWorkers(url)) > 0) await delay(5);
  while ((await readyWorkers(url)) < 2) await delay(20);
  assert.equal((await predict(url)).model, before.model);
  await writeFile(join(dir, "other.onnx"), german);
  const done = await put(url, { path: join(dir, "other.onnx") });
  assert.equal(done.status, 200);
  assert.deepEqual(((await done.json()) as { classes: string[] }).classes, ["Rot", "Grün", "Blau"]);
  assert.equal((await predict(url)).class, "Rot");
});
