/**
 * Every bad upload of the catalogue against the real service (real decoder, real model, real processes): right status,
 * JSON error with a code, bounded memory, nothing left on disk, and the next photo is fine.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { Rng } from "../../src/base/rng.ts";
import { projectDir } from "../../src/config/paths.ts";
import { toyModelFile } from "../kit/toy-model.ts";

let dir: string;
let child: ChildProcess;
let url: string;
let port: number;
let red: Buffer;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "fulcrum-refusals-"));
  await mkdir(join(dir, "cwd"));
  await mkdir(join(dir, "tmp"));
  const model = join(dir, "model.onnx");
  await writeFile(model, toyModelFile());
  const main = join(projectDir, "src/cli/main.ts");
  const times = ["--header-timeout", "1s", "--request-timeout", "2s", "--run-limit", "60s"];
  child = spawn(
    process.execPath,
    [
      main,
      "serve",
      model,
      "--port",
      "0",
      "--announce",
      "--threads",
      "1",
      "--max-upload",
      "4Mi",
      "--log",
      "debug",
      ...times,
    ],
    { cwd: join(dir, "cwd"), env: { ...process.env, TMPDIR: join(dir, "tmp") }, stdio: ["pipe", "pipe", "pipe"] },
  );
  const [line] = (await once(createInterface(child.stdout!), "line")) as [string];
  port = JSON.parse(line).port;
  url = `http://127.0.0.1:${port}`;
  child.stderr!.on("data", (chunk) => (log += chunk));
  while (!(await fetch(`${url}/readyz`)).ok) await delay(20);
  red = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#ff0000" } })
    .jpeg()
    .toBuffer();
});
let log = "";

after(async () => {
  child?.kill("SIGKILL");
  if (dir) await rm(dir, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly json: { class?: string; error?: { code: string; message: string } };
}

async function post(body: Uint8Array, type = "image/jpeg"): Promise<Got> {
  const response = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": type },
    body: Uint8Array.from(body),
  });
  return { status: response.status, json: (await response.json()) as Got["json"] };
}

/** Resident memory of the server and its workers, and the most that each ever had, MB. */
async function memory(): Promise<{ resident: number; peak: number }> {
  const { pid } = child;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").filter(Boolean);
  let [resident, peak] = [0, 0];
  for (const id of [pid, ...children]) {
    const status = await readFile(`/proc/${id}/status`, "utf8");
    resident += Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024);
  }
  return { resident, peak };
}

function chunk(type: string, data: Uint8Array): Buffer {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, "latin1");
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}

function png(width: number, height: number, inflated: Uint8Array, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const idat = chunk("IDAT", deflateSync(inflated));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...extra,
    idat,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const compressedText = (megabytes: number) =>
  chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.alloc(megabytes * 1e6))]));
const solid = (channels: 3 | 4 = 3, background = "#ff0000") =>
  sharp({ create: { width: 40, height: 30, channels, background } });
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';

const refused: Readonly<
  Record<string, { make: () => Uint8Array | Promise<Uint8Array>; status: number; code: string }>
> = {
  text: { make: () => Buffer.from("no photo"), status: 415, code: "IMAGE_FORMAT_FOREIGN" },
  SVG: { make: () => Buffer.from(svg), status: 415, code: "IMAGE_FORMAT_FOREIGN" },
  "SVG behind an XML declaration and spaces": {
    make: () => Buffer.from(`  \n<?xml version="1.0"?>${svg}`),
    status: 415,
    code: "IMAGE_FORMAT_FOREIGN",
  },
  "an animated GIF": { make: () => solid().gif().toBuffer(), status: 415, code: "IMAGE_FORMAT_FOREIGN" },
  TIFF: { make: () => solid().tiff().toBuffer(), status: 415, code: "IMAGE_FORMAT_FOREIGN" },
  "a truncated JPEG": { make: () => red.subarray(0, red.length - 40), status: 400, code: "IMAGE_UNREADABLE" },
  "a JPEG's first bytes": { make: () => red.subarray(0, 4), status: 400, code: "IMAGE_UNREADABLE" },
  "a JPEG that says it is 65000 x 65000": {
    make: () => lyingJpeg(65_000, 65_000),
    status: 413,
    code: "IMAGE_TOO_LARGE",
  },
  "a PNG that says it is 60000 x 60000": {
    make: () => png(60_000, 60_000, Buffer.alloc(9)),
    status: 413,
    code: "IMAGE_TOO_LARGE",
  },
  "a PNG of fewer pixels than it says": {
    make: () => png(900, 900, Buffer.alloc(900)),
    status: 400,
    code: "IMAGE_UNREADABLE",
  },
  "a PNG with no pixel": { make: () => png(0, 0, Buffer.alloc(0)), status: 400, code: "IMAGE_UNREADABLE" },
  "more than the largest upload": { make: () => Buffer.alloc(5 * 1024 ** 2), status: 413, code: "SERVE_TOO_LARGE" },
  nothing: { make: () => new Uint8Array(), status: 400, code: "SERVE_FILE_MISSING" },
};

/** The red JPEG with other sides in its frame header (SOF0: FF C0, length, precision, height, width). */
function lyingJpeg(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(red);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

for (const [name, { make, status, code }] of Object.entries(refused)) {
  test(`refused: ${name}: ${status} ${code}`, async () => {
    const got = await post(await make());
    assert.deepEqual([got.status, got.json.error?.code], [status, code], JSON.stringify(got.json));
    assert.equal((await post(red)).json.class, "Red", "the next photo is fine");
  });
}

/** What is unusual and yet a photo: it has to be seen as the red that it is. */
const taken: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  CMYK: () => solid().toColourspace("cmyk").jpeg().toBuffer(),
  "16 bits a channel": () => solid().toColourspace("rgb16").png().toBuffer(),
  "rotated by EXIF": () => solid().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  "an animated WebP: its first frame": async () => {
    const frames = [await solid().png().toBuffer(), await solid(3, "#0000ff").png().toBuffer()];
    return sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
  },
  "transparent: on white": () => solid(4, "#ff0000ff").png().toBuffer(),
  "64 MB of text packed into a chunk": () => png(8, 8, redRows(8, 8), [compressedText(64)]),
  "64 MB of pixels behind its own": () => png(8, 8, Buffer.concat([redRows(8, 8), Buffer.alloc(64e6)])),
};

function redRows(width: number, height: number): Buffer {
  return Buffer.concat(
    Array.from({ length: height }, () => Buffer.from([0, ...Array.from({ length: width }, () => [255, 0, 0]).flat()])),
  );
}

for (const [name, make] of Object.entries(taken)) {
  test(`taken: ${name}`, async () => {
    const got = await post(await make());
    // More data than pixels may also be called damaged; never anything else.
    if (name.includes("64 MB") && got.status === 400) assert.equal(got.json.error!.code, "IMAGE_UNREADABLE");
    else assert.deepEqual([got.status, got.json.class], [200, "Red"], JSON.stringify(got.json));
  });
}

test("36 million pixels in a PNG of 110 kB are a photo, and need bounded memory", async () => {
  const wide = await sharp({ create: { width: 6000, height: 6000, channels: 3, background: "#ff0000" } })
    .png()
    .toBuffer();
  const got = await post(wide);
  assert.deepEqual([got.status, got.json.class], [200, "Red"], JSON.stringify(got.json));
  // Three bytes a pixel are 108 MB; what decodes and resizes may hold them twice, the rest is the runtime's.
  const { peak } = await memory();
  assert.ok(peak < 600, `${peak} MB`);
});

test("slow headers and slow bodies are answered with 408 and closed", async () => {
  const heads = [
    "POST /predict HTTP/1.1\r\nhost: x\r\n",
    "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 1000\r\n\r\nabc",
  ];
  for (const head of heads) {
    const socket = connect(port, "127.0.0.1");
    socket.write(head);
    const chunks = (await socket.toArray()) as Buffer[];
    const text = Buffer.concat(chunks).toString();
    assert.match(text, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.match(text, /\{"error":\{"code":"SERVE_TIMEOUT"/);
  }
  assert.equal((await post(red)).status, 200);
});

test("bytes that are no HTTP, and headers without end, get a JSON error too", async () => {
  for (const [sent, status] of [
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(sent);
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\{"error":\\{"code":"SERVE_`));
  }
});

test("damaged photos of a seed never crash a worker or leave it silent", async () => {
  const rng = new Rng("fuzz");
  const originals = [red, await solid().png().toBuffer(), await solid().webp().toBuffer()];
  const before = await lostWorkers();
  for (let i = 0; i < 150; i++) {
    const bytes = Buffer.from(rng.pick(originals));
    for (let n = 1 + rng.int(8); n > 0; n--) bytes[rng.int(bytes.length)] = rng.int(256);
    const { status, json } = await post(rng.int(4) === 0 ? bytes.subarray(0, rng.int(bytes.length)) : bytes);
    assert.ok([200, 400, 413, 415].includes(status), `${status} ${JSON.stringify(json)}`);
  }
  assert.equal(await lostWorkers(), before);
});

async function lostWorkers(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^fulcrum_workers_lost_total (\d+)/m.exec(text)![1]);
}

test("after all of that: nothing on disk, no name or photo in the log, memory as before", async () => {
  const form = new FormData();
  form.append("file", new Blob([Uint8Array.from(red)]), "../../secret-holiday.jpg");
  assert.equal((await fetch(`${url}/predict`, { method: "POST", body: form })).status, 200);
  assert.deepEqual(await readdir(join(dir, "cwd")), []);
  assert.deepEqual(await readdir(join(dir, "tmp")), []);
  assert.deepEqual((await readdir(dir)).toSorted(), ["cwd", "model.onnx", "tmp"]);
  assert.match(log, /"route":"\/predict"/);
  assert.doesNotMatch(log, /secret-holiday|passwd/);
  const { resident } = await memory();
  assert.ok(resident < 700, `${resident} MB`);
});
