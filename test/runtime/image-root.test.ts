/** The image's files for real: in a root of their own, read-only, as a user without rights, the service classifies. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { containerConfig } from "../../src/deploy/image/container.ts";
import { writeImageRoot } from "../../src/deploy/image/index.ts";
import { runInRoot, signalInRoot, whyNoRoot } from "../kit/image-root.ts";
import { refusedUrl } from "../kit/loopback.ts";
import { toyModelFile } from "../kit/toy-model.ts";

const skip = whyNoRoot();
const { Entrypoint, Cmd, Env, User } = containerConfig("0".repeat(64));
let dir: string;
let root: string;

before(
  async () => {
    if (skip) return;
    dir = await mkdtemp(join(tmpdir(), "image-"));
    root = join(dir, "root");
    await writeFile(join(dir, "toy.onnx"), toyModelFile());
    await writeImageRoot(
      { modelFile: join(dir, "toy.onnx"), architecture: process.arch === "arm64" ? "arm64" : "amd64" },
      root,
    );
    await mkdir(join(root, "dev"));
    await mkdir(join(root, "proc"));
  },
  { timeout: 300_000 },
);

after(async () => {
  if (dir) await rm(dir, { recursive: true, force: true });
});

test("the image serves: it becomes ready, classifies the test photo, ends in order at SIGTERM", {
  skip,
  timeout: 60_000,
}, async () => {
  const { port } = new URL(await refusedUrl());
  const command = [...Entrypoint, ...Cmd.with(-1, port).with(-3, "127.0.0.1")];
  const child = runInRoot(root, User, Env, command);
  const log = text(child.stderr!);
  const ended = once(child, "exit");
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(`${url}/readyz`);
    const answer = (await (await fetch(`${url}/test`)).json()) as { class: string };
    assert.equal(answer.class, "Red"); // the bundled photo is of a pizza
    assert.equal((await fetch(`${url}/`)).status, 200);
    signalInRoot(child, "SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  } finally {
    if (child.exitCode === null) signalInRoot(child, "SIGKILL");
  }
  assert.doesNotMatch(await log, /EACCES|EROFS|telemetry/i);
});

test("libjpeg-turbo is in the image and can be loaded", { skip, timeout: 60_000 }, async () => {
  const check = 'import("/app/src/images/jpeg.js").then(async ({ hasTurbo }) => console.log(await hasTurbo()))';
  const child = runInRoot(root, User, Env, [Entrypoint[0]!, "-e", check]);
  assert.equal((await text(child.stdout!)).trim(), "true");
});

test("nobody is root and nothing can be written; there is no shell", { skip, timeout: 60_000 }, async () => {
  const check = `
    const fs = require("node:fs");
    const problem = (act) => { try { act(); return "none"; } catch (error) { return error.code; } };
    const write = (path) => problem(() => fs.writeFileSync(path, ""));
    console.log(JSON.stringify([process.getuid(), write("/tmp/a"), write("/app/a"), fs.existsSync("/bin/sh"), fs.existsSync("/usr/bin")]));
  `;
  const child = runInRoot(root, User, Env, [Entrypoint[0]!, "-e", check]);
  assert.deepEqual(JSON.parse(await text(child.stdout!)), [65532, "EROFS", "EROFS", false, false]);
});

test("its system libraries are Debian's pinned ones, with their licences", { skip }, async () => {
  assert.match(await readFile(join(root, "var/lib/dpkg/status.d/libc6"), "utf8"), /^Package: libc6\n/);
  assert.match(await readFile(join(root, "usr/share/doc/gcc-14-base/copyright"), "utf8"), /GCC/);
});

async function untilReady(url: string): Promise<void> {
  for (let i = 0; i < 250; i++) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(100);
  }
  throw new Error(`${url} is not ready`);
}
