/**
 * Does replacing the model leak? Reloads the model many times while photos are sent, and prints the memory (PSS) of the
 * server and of its workers. Floors: every reload succeeds, no photo is lost but by 503, and the slope of the memory
 * over the second half of the reloads has 0 in or above its interval.
 *
 * Command: node bench/reload.ts [--reloads 50] [--threads N]        (Linux only; a minute or two)
 */
import { copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { describeMachine } from "../src/base/machine.ts";
import { Rng } from "../src/base/rng.ts";
import { median } from "./ratio-interval.ts";
import { slopeOf } from "./slope.ts";
import { soakModel, soakPhotos } from "./soak/fixtures.ts";
import { startService } from "./soak/service.ts";
import { newCounts, sendPhoto } from "./soak/traffic.ts";

const { values: flags } = parseArgs({
  options: { reloads: { type: "string", default: "50" }, threads: { type: "string", default: "2" } },
});
const reloads = Number(flags.reloads);
const photosBetween = 30;
/** The workers that were replaced take a moment to end. */
const settleMs = 300;

const dir = await mkdtemp(join(tmpdir(), "fulcrum-reload-"));
try {
  const photos = await soakPhotos(16);
  const models = [await soakModel(dir, 1, photos), await soakModel(dir, 2, photos)];
  const livePath = join(dir, "live.onnx");
  await copyFile(models[0]!.path, livePath);
  const service = await startService(dir, livePath, ["--threads", flags.threads]);
  const client = new Pool(service.url, { connections: 8 });
  const traffic = { client, photos, models, rng: new Rng("reload") };
  const counts = newCounts();
  const memory: { x: number; y: number }[] = [];
  const tookMs: number[] = [];
  for (let i = 0; i <= reloads; i++) {
    await Promise.all(Array.from({ length: photosBetween }, () => sendPhoto(traffic, counts)));
    await delay(settleMs);
    const { server, workers } = service.memory();
    memory.push({ x: i, y: (server + workers) / 1e6 });
    if (i % 5 === 0)
      say(`${i} reloads: PSS ${(server / 1e6).toFixed(0)} MB server, ${(workers / 1e6).toFixed(0)} MB workers`);
    if (i < reloads) tookMs.push(await reload(i));
  }
  await client.close();
  const exitCode = await service.stop();
  const { estimate, low, high } = slopeOf(memory.slice(memory.length >> 1));
  const passed = low <= 0 && counts.wrong === 0 && counts.lost === 0 && exitCode === 0;
  const machine = describeMachine();
  say(
    JSON.stringify({
      reloads,
      memory: memory.map(({ y }) => Math.round(y)),
      slope: { estimate, low, high },
      counts,
      passed,
    }),
  );
  say(`${machine.cpuModel}, ${machine.cpuCount} cores, Node ${machine.node}`);
  say(
    `${passed ? "passed" : "FAILED"}: ${memory[0]!.y.toFixed(0)} MB before, ${memory.at(-1)!.y.toFixed(0)} MB after ${reloads} reloads; ` +
      `${estimate.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] MB a reload in the second half; a reload takes ` +
      `${median(tookMs).toFixed(0)} ms (most ${Math.max(...tookMs).toFixed(0)}) under load; ${counts.right} right, ` +
      `${counts.refused} refused, ${counts.wrong} wrong, ${counts.lost} lost`,
  );
  process.exitCode = passed ? 0 : 1;

  /** Under load: photos are under way while workers change. */
  async function reload(i: number): Promise<number> {
    await copyFile(models[(i + 1) % 2]!.path, `${livePath}.new`);
    await rename(`${livePath}.new`, livePath);
    const startMs = performance.now();
    const loaded = Promise.all(Array.from({ length: photosBetween }, () => sendPhoto(traffic, counts)));
    const headers = { authorization: `Bearer ${service.token}` };
    const response = await client.request({ path: "/admin/model", method: "PUT", headers });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`reload ${i} got ${response.statusCode}: ${text}`);
    const ms = performance.now() - startMs;
    await loaded;
    return ms;
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
