/**
 * What would batches gain? Milliseconds a photo of one run with 1, 2, 4 and 8 photos on one thread, alternated, each the
 * median of the rounds, with the resident memory that the session has grown to. Inference only: a batch also has to be waited for.
 *
 * Command: node bench/serve/batches.ts MODEL.onnx... [--rounds 15]
 */
import { parseArgs } from "node:util";
import { describeMachine } from "../../src/base/machine.ts";
import { Rng } from "../../src/base/rng.ts";
import { createSession, runtimeVersion, type Session, type TensorValue } from "../../src/engine/runtime/index.ts";
import { readModelFile } from "../../src/models/index.ts";
import { median } from "../ratio-interval.ts";

const sizes = [1, 2, 4, 8];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "15" } },
});
const { cpuModel, node } = describeMachine();
process.stdout.write(`${cpuModel}, Node ${node}, onnxruntime-node ${runtimeVersion}, one thread\n`);
for (const path of positionals) {
  const { metadata, bytes } = await readModelFile(path);
  const session = await createSession(bytes, { threads: 1 });
  const feeds = sizes.map((count) =>
    Object.fromEntries(metadata.preprocessing.map(({ input, size }) => [input, photos(count, size)])),
  );
  const ms = sizes.map(() => [] as number[]);
  const megabytes: number[] = [];
  for (const [place, feed] of feeds.entries()) {
    await session.run(feed);
    megabytes[place] = process.memoryUsage.rss() / 1e6;
  }
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [place, count] of sizes.entries()) ms[place]!.push((await runMs(session, feeds[place]!)) / count);
  for (const [place, count] of sizes.entries())
    process.stdout.write(
      `${path}: ${count} photos, ${median(ms[place]!).toFixed(2)} ms each, ${megabytes[place]!.toFixed(0)} MB resident\n`,
    );
  await session.dispose();
}

function photos(count: number, size: number): TensorValue {
  const rng = new Rng("batches");
  const data = Uint8Array.from({ length: count * size * size * 3 }, () => rng.int(256));
  return { dtype: "uint8", dims: [count, size, size, 3], data };
}

async function runMs(session: Session, feeds: Record<string, TensorValue>): Promise<number> {
  const startMs = performance.now();
  await session.run(feeds);
  return performance.now() - startMs;
}
