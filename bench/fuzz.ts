/**
 * Damaged photos, forms and tensors against the real service for as long as one likes: no answer but 200, 4xx and 503,
 * no lost worker, no silence. Every request follows from the seed and its number, so a finding can be repeated.
 *
 * Command: node bench/fuzz.ts [--minutes 10] [--seed 1] [--threads 2]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { Rng } from "../src/base/rng.ts";
import { soakModel, soakPhotos } from "./soak/fixtures.ts";
import { startService } from "./soak/service.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
  },
});
const users = 8;
const answerWithinMs = 30_000;

interface Request {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** One file with bytes changed, cut, repeated or put in from another. */
function damaged(rng: Rng, originals: readonly Uint8Array[]): Uint8Array {
  let bytes = Buffer.from(rng.pick(originals));
  for (let n = 1 + rng.int(6); n > 0; n--) {
    const at = rng.int(bytes.length);
    const length = Math.min(bytes.length - at, 1 + rng.int(64));
    const kind = rng.int(5);
    if (kind === 0) bytes[at] = rng.int(256);
    else if (kind === 1) bytes.fill(rng.pick([0, 255]), at, at + length);
    else if (kind === 2) bytes = bytes.subarray(0, Math.max(1, at));
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
    else bytes.set(Buffer.from(rng.pick(originals)).subarray(at, at + length), at);
  }
  // The headers are where parsers decide most.
  if (rng.int(2) === 0) bytes[rng.int(Math.min(64, bytes.length))] = rng.int(256);
  return bytes;
}

function requestOf(number: number, originals: readonly Uint8Array[]): Request {
  const rng = new Rng(`fuzz ${flags.seed}`).fork(number);
  const photo = damaged(rng, originals);
  const kind = rng.int(4);
  if (kind <= 1) return { path: "/predict", headers: { "content-type": "image/jpeg" }, body: photo };
  const infer = JSON.stringify({
    inputs: [{ name: "photo", datatype: "BYTES", shape: [1], parameters: { binary_data_size: photo.length + 4 } }],
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(photo.length);
  const form = ['--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n', photo, "\r\n--x--\r\n"];
  const [path, headers, parts]: [string, Record<string, string>, (string | Uint8Array)[]] =
    kind === 2
      ? ["/predict?top=3", { "content-type": "multipart/form-data; boundary=x" }, form]
      : [
          "/v2/models/model-1/infer",
          { "content-type": "application/json", "inference-header-content-length": String(infer.length) },
          [infer, length, photo],
        ];
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  // The envelope is damaged, too.
  for (let n = rng.int(4); n > 0; n--) body[rng.int(Math.min(body.length, 200))] = rng.int(256);
  return { path, headers, body };
}

const dir = await mkdtemp(join(tmpdir(), "fulcrum-fuzz-"));
try {
  const originals = (await soakPhotos(8)).filter((photo) => photo.length < 2e6);
  const model = await soakModel(dir, 1, []);
  const service = await startService(dir, model.path, ["--threads", flags.threads]);
  const client = new Pool(service.url, {
    connections: users,
    bodyTimeout: answerWithinMs,
    headersTimeout: answerWithinMs,
  });
  const statuses = new Map<number, number>();
  const findings: string[] = [];
  const endMs = performance.now() + Number(flags.minutes) * 60_000;
  let next = 0;
  await Promise.all(
    Array.from({ length: users }, async () => {
      while (performance.now() < endMs) {
        const number = next++;
        const { path, headers, body } = requestOf(number, originals);
        try {
          const response = await client.request({ path, method: "POST", headers, body });
          const text = await response.body.text();
          statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
          const isFine =
            response.statusCode === 200 || response.statusCode === 503 || Math.floor(response.statusCode / 100) === 4;
          if (!isFine) findings.push(`request ${number}: ${response.statusCode} ${text.slice(0, 200)}`);
        } catch (error) {
          findings.push(`request ${number}: ${error}`);
        }
      }
    }),
  );
  const metrics = await (await client.request({ path: "/metrics", method: "GET" })).body.text();
  const lost = Number(/^fulcrum_workers_lost_total (\d+)/m.exec(metrics)![1]);
  await client.close();
  const exitCode = await service.stop();
  const passed = findings.length === 0 && lost === 0 && exitCode === 0;
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
  process.stdout.write(`${findings.slice(0, 20).join("\n")}${findings.length > 0 ? "\n" : ""}`);
  process.stdout.write(
    `${passed ? "passed" : "FAILED"}: ${next} requests (${counts.join(", ")}), ${lost} workers lost, seed ${flags.seed}\n`,
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
