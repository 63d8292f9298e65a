/**
 * fulcrum beside what users would run instead (../shared/peers), in one run on one machine: same photo, same weights, same
 * cores, one default configuration. Medians of alternated rounds, ratios with 95 % intervals, and which floors are missed.
 *
 * Command: node bench/serve/run.ts --models DIR [--part PART] [--rounds 3] [--seconds 5]
 *   DIR is what bench/serve/models.ts wrote. PART: mobilenetv2 or resnet101v2 (rate, latency, memory), start-mobilenetv2 or
 *   start-resnet101v2, large (12-megapixel uploads); without it all of them, one after the other.
 * Needs siege (Debian: apt install siege) and ../shared/peers/setup.sh ort keras bento. Exit code 1 when a floor is missed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { describeMachine } from "../../src/base/machine.ts";
import { fulcrumVersion } from "../../src/base/version.ts";
import { runtimeVersion } from "../../src/engine/runtime/index.ts";
import { median } from "../ratio-interval.ts";
import { oneByOneMs, type SiegeResult, siege, uploadRate } from "./client.ts";
import { judgeLarge, judgeLoad, judgeStart, type LoadFigures, type StartFigures, type Verdict } from "./floors.ts";
import { limitRate } from "./limit.ts";
import { type ModelName, modelNames, peersHome } from "./models.ts";
import { pssMegabytes, type Server, type ServerName, serverNames, startServer, testPhoto } from "./servers.ts";

interface Setting {
  readonly modelsDir: string;
  readonly rounds: number;
  readonly seconds: number;
}

const oneByOneRequests = 60;
/** After load fulcrum has a moment to open its session for lone photos, as it would have between visitors. */
const restMs = 1500;
/** A threaded service goes on with the requests that siege has given up, and would slow down whose turn is next. */
const calmMs = 10_000;
const largeRival: readonly ServerName[] = ["fulcrum", "fastapi-ort 1x2", "fastapi-ort 2x1"];
const startRival: readonly ServerName[] = ["fulcrum", "fastapi-ort 1x2"];

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      models: { type: "string" },
      part: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "5" },
    },
  });
  if (values.models === undefined) throw new Error("Say where the models are: --models DIR (bench/serve/models.ts)");
  const setting = { modelsDir: values.models, rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const parts: Record<string, () => Promise<Verdict[]>> = {
    ...Object.fromEntries(modelNames.map((model) => [model, () => loadPart(model, setting)])),
    ...Object.fromEntries(modelNames.map((model) => [`start-${model}`, () => startPart(model, setting)])),
    large: () => largePart(setting),
  };
  tellVersions();
  const wanted = values.part === undefined ? Object.keys(parts) : values.part.split(",");
  const verdicts: Verdict[] = [];
  for (const part of wanted) {
    print(`\n## ${part}`);
    verdicts.push(...(await parts[part]!()));
  }
  print("\n## Floors");
  for (const { what, value, floor, isReached } of verdicts)
    print(`${isReached ? "reached" : "MISSED "}  ${what}: ${value} (${floor})`);
  return verdicts.every(({ isReached }) => isReached) ? 0 : 1;
}

/** Rate under siege, time one by one, memory after that: all services up, their turns alternated. */
async function loadPart(model: ModelName, setting: Setting): Promise<Verdict[]> {
  const { modelsDir, rounds, seconds } = setting;
  const servers: Server[] = [];
  try {
    for (const name of serverNames) {
      const server = await startServer(name, model, modelsDir).catch((error: Error) => error);
      if (server instanceof Error) print(`left out: ${server.message}`);
      else servers.push(server);
    }
    const results = new Map<ServerName, { sieges: SiegeResult[]; ms: number[] }>();
    for (const { name } of servers) results.set(name, { sieges: [], ms: [] });
    const limits: number[] = [];
    const int8Limits: number[] = [];
    for (const server of servers) await siege(server.url, 2);
    await delay(calmMs);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < servers.length; turn++) {
        const { name, url } = servers[(turn + round) % servers.length]!;
        const result = await siege(url, seconds);
        await delay(restMs);
        const ms = await oneByOneMs(url, oneByOneRequests);
        results.get(name)!.sieges.push(result);
        results.get(name)!.ms.push(ms);
        print(
          `round ${round + 1}  ${name.padEnd(16)} ${result.ratePerSecond.toFixed(1)}/s  one by one ${ms.toFixed(2)} ms`,
        );
      }
      limits.push(await limitRate(join(modelsDir, `${model}.onnx`), testPhoto, seconds, cores()));
      int8Limits.push(await limitRate(join(modelsDir, `${model}-int8.onnx`), testPhoto, seconds, cores()));
      print(
        `round ${round + 1}  decode + infer, no HTTP: ${limits.at(-1)!.toFixed(1)}/s, int8 ${int8Limits.at(-1)!.toFixed(1)}/s`,
      );
    }
    const figures = servers.map(({ name, pid }): LoadFigures => {
      const { sieges, ms } = results.get(name)!;
      return {
        name,
        rates: sieges.map(({ ratePerSecond }) => ratePerSecond),
        oneByOneMs: ms,
        pssMegabytes: pssMegabytes(pid),
        siegeCpuSeconds: median(sieges.map(({ siegeCpuSeconds }) => siegeCpuSeconds)),
        failed: sieges.reduce((sum, { failed }) => sum + failed, 0),
      };
    });
    for (const { name, rates, oneByOneMs: ms, pssMegabytes: pss, failed } of figures)
      print(
        `${name.padEnd(16)} ${median(rates).toFixed(1).padStart(6)}/s  ${median(ms).toFixed(2).padStart(6)} ms  ` +
          `PSS ${pss.toFixed(0)} MB${failed > 0 ? `  ${failed} FAILED` : ""}`,
      );
    return judgeLoad(model, figures, limits, cores());
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function startPart(model: ModelName, { modelsDir, rounds }: Setting): Promise<Verdict[]> {
  const figures: StartFigures[] = startRival.map((name) => ({ name, ms: [], cpuSeconds: [] }));
  // The first start prepares the model for this machine; it is told, and not counted.
  const first = await startServer("fulcrum", model, modelsDir);
  print(`first start in this process: ${first.startMs.toFixed(0)} ms`);
  await first.stop();
  for (let round = 0; round < Math.max(rounds, 5); round++) {
    for (const { name, ms, cpuSeconds } of figures) {
      const server = await startServer(name, model, modelsDir);
      ms.push(server.startMs);
      cpuSeconds.push(server.startCpuSeconds);
      await server.stop();
    }
  }
  for (const { name, ms, cpuSeconds } of figures)
    print(`${name.padEnd(16)} ${median(ms).toFixed(0)} ms, ${median(cpuSeconds).toFixed(2)} CPU-s`);
  return judgeStart(model, figures);
}

/** Uploads of a 12-megapixel JPEG by ten users. */
async function largePart({ modelsDir, rounds, seconds }: Setting): Promise<Verdict[]> {
  const photo = await sharp(testPhoto).resize(4032, 3024, { fit: "fill" }).jpeg({ quality: 90 }).toBuffer();
  print(`4032 x 3024 JPEG, ${(photo.byteLength / 1e6).toFixed(1)} MB, enlarged from the test photo`);
  const servers: Server[] = [];
  try {
    for (const name of largeRival) servers.push(await startServer(name, "mobilenetv2", modelsDir));
    const rates = new Map<ServerName, number[]>(largeRival.map((name) => [name, []]));
    for (const { url } of servers) await uploadRate(url, photo, 1);
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < servers.length; turn++) {
        const { name, url } = servers[(turn + round) % servers.length]!;
        rates.get(name)!.push(await uploadRate(url, photo, seconds));
      }
    for (const [name, list] of rates) print(`${name.padEnd(16)} ${median(list).toFixed(1)}/s`);
    return judgeLarge(rates);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function cores(): number {
  return describeMachine().cpuCount;
}

function tellVersions(): void {
  const { cpuModel, cpuCount, cpuFeatures, kernel, node } = describeMachine();
  const python = (env: string, packages: string) => {
    const program = `from importlib.metadata import version; print(", ".join(f"{p} {version(p)}" for p in "${packages}".split()))`;
    return execFileSync(join(peersHome(), env, "bin/python"), ["-c", program])
      .toString()
      .trim();
  };
  const siegeText = execFileSync("siege", ["--version"], { stdio: ["ignore", "pipe", "pipe"] }).toString();
  print(
    `${cpuCount} cores of ${cpuModel} (${cpuFeatures.join(" ")}), Linux ${kernel}, load ${loadavg()[0]!.toFixed(2)}`,
  );
  print(`fulcrum ${fulcrumVersion}, Node ${node}, onnxruntime-node ${runtimeVersion}`);
  print(
    `peers: ${python("ort", "fastapi uvicorn onnxruntime pillow")}; ${python("bento", "bentoml")}; ${python("keras", "tensorflow-cpu flask gunicorn")}`,
  );
  print(
    `siege ${/SIEGE (\S+)/.exec(siegeText)?.[1] ?? ""} -c 10, photo of ${readFileSync(testPhoto).byteLength} bytes`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
