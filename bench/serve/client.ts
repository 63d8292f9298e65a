/** Load on a service, the same for each: siege, one request after the other, and uploads. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { parseSiegeRows } from "../../src/load/index.ts";
import { median } from "../ratio-interval.ts";

const execute = promisify(execFile);
const users = 10;

/** The status of one request on a connection of its own, its answer read to the end. */
export function request(url: string, body?: { readonly type: string; readonly bytes: Uint8Array }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = body ? { "content-type": body.type, "content-length": body.bytes.byteLength } : {};
  const noAgent: Agent | false = false;
  const sent = httpRequest(url, { method: body ? "POST" : "GET", headers, agent: noAgent }, (response) => {
    response.resume();
    response.once("end", () => resolve(response.statusCode ?? 0));
  });
  sent.once("error", reject);
  sent.end(body?.bytes);
  return promise;
}

export interface SiegeResult {
  readonly ratePerSecond: number;
  readonly failed: number;
  /** Processor time of siege itself for one transaction. */
  readonly siegeCpuSeconds: number;
}

/** `siege -c 10 -t SECONDS URL/test`. */
export async function siege(url: string, seconds: number): Promise<SiegeResult> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-bench-"));
  const log = join(dir, "siege.log");
  const before = childSeconds();
  try {
    const flags = ["--quiet", "--no-parser", `--log=${log}`, "-c", String(users), "-t", `${seconds}s`];
    await execute("siege", [...flags, `${url}/test`]);
    const row = parseSiegeRows(await readFile(log, "utf8"), log).at(-1)!;
    const siegeCpuSeconds = (childSeconds() - before) / row.okay;
    return { ratePerSecond: row.ratePerSecond, failed: row.failed, siegeCpuSeconds };
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Processor time of children that have ended: siege's, since the services still run. */
function childSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Median time of requests that come one after the other, milliseconds. */
export async function oneByOneMs(url: string, count: number): Promise<number> {
  const durations: number[] = [];
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    if ((await request(`${url}/test`)) !== 200) throw new Error(`${url}/test was refused`);
    durations.push(performance.now() - startMs);
  }
  return median(durations);
}

/** Photos a second that `users` uploaders get answered together. */
export async function uploadRate(url: string, photo: Uint8Array, seconds: number): Promise<number> {
  const boundary = "fulcrum-bench-boundary";
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="photo.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), photo, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const body = { type: `multipart/form-data; boundary=${boundary}`, bytes };
  const startMs = performance.now();
  let answered = 0;
  let lastMs = startMs;
  const uploader = async () => {
    while (performance.now() - startMs < seconds * 1000) {
      const status = await request(`${url}/predict`, body);
      if (status !== 200) throw new Error(`${url}/predict answered ${status}`);
      answered++;
      lastMs = performance.now();
    }
  };
  await Promise.all(Array.from({ length: users }, uploader));
  return (answered * 1000) / (lastMs - startMs);
}
