/**
 * Training speed beside Keras 2.14, in turns, on the machine's cores, fp32, with the original's augmentation.
 *
 *   node bench/training/run.ts --part mobilenetv2-head [--rounds 5] [--images 96] [--versions 8]
 *
 * Parts: MODEL-head and MODEL-fine-tune (images/s, augmented afresh each epoch), MODEL-bank (time of the original's whole
 * recipe: epochs of each phase times their count, ours from a bank of --versions augmented versions whose making is counted).
 * MODEL: mobilenetv2 (30 + 100 epochs, last 5 layers), resnet101v2 (39 + 50, last 8). Weights are random, which does not
 * change the time. Ours decodes JPEG files, Keras has its images in memory. Exits with 1 below the floor. An epoch of ours
 * is the second of three, its validation included: threads already work on the next epoch when it begins and when it ends.
 * An epoch of Keras is the fastest of three: on some machines it takes one of two times, the longer nearly twice the other
 * with the same processor time, so that a median of its epochs would tell which of them came more often.
 * MODEL-int8: images/s of the frozen part alone in int8 (ranges min-max, random weights: a time, not an accuracy) and in
 * fp32, which is what head training takes, beside Keras' fp32 head training. Peak memory: memory.ts.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../src/base/machine.ts";
import { runtimeVersion } from "../../src/engine/runtime/index.ts";
import type { Dataset } from "../../src/records/dataset.ts";
import { median, ratioInterval } from "../ratio-interval.ts";
import { type KerasPeer, startKeras } from "./keras.ts";
import { classCount, frozenRate, peakBytes, recipe, toInt8, train, writePhotos } from "./ours.ts";

const models = {
  mobilenetv2: { headEpochs: 30, tuningEpochs: 100, floors: { head: 2.3, "fine-tune": 2.6, bank: 10, int8: 0 } },
  resnet101v2: { headEpochs: 39, tuningEpochs: 50, floors: { head: 1.1, "fine-tune": 1.25, bank: 7, int8: 0 } },
} as const;
type Model = keyof typeof models;
type Part = "head" | "fine-tune" | "bank" | "int8";

const batchSize = 32;
const threads = availableParallelism();

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "mobilenetv2-head" },
    rounds: { type: "string", default: "5" },
    images: { type: "string", default: "96" },
    versions: { type: "string", default: "8" },
  },
});
const [, model, part] = /^(mobilenetv2|resnet101v2)-(head|fine-tune|bank|int8)$/.exec(values.part) as unknown as [
  string,
  Model,
  Part,
];
assert(model !== undefined, `--part ${values.part}: allowed are MODEL-head, MODEL-fine-tune, MODEL-bank, MODEL-int8`);
const images = Number(values.images);
const rounds = Number(values.rounds);
const bankVersions = Number(values.versions);

/** Seconds of both sides in one round. */
interface Round {
  readonly ours: number;
  readonly keras: number;
}

const scratch = await mkdtemp(join(tmpdir(), "fulcrum-bench-training-"));
try {
  const dataset = await writePhotos(join(scratch, "photos"), images);
  const { cpuModel, cpuFeatures } = describeMachine();
  console.log(
    `${cpuModel}, ${threads} threads, ${cpuFeatures.join(" ")}; ONNX Runtime ${runtimeVersion}; ${images} images, batches of ${batchSize}`,
  );
  const results = await measure(dataset);
  report(results);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

function measure(dataset: Dataset): Promise<Round[]> {
  if (part === "bank") return bankRounds(dataset);
  return part === "int8" ? int8Rounds(dataset) : freshRounds(dataset, part);
}

/** The frozen part in int8 as ours, told beside fp32. */
async function int8Rounds(dataset: Dataset): Promise<Round[]> {
  const peer = startKeras(model, "head", images, batchSize);
  const choices = recipe(model, { head: 2, fineTuning: 0 }, null);
  try {
    await peer.epoch();
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const int8 = await frozenRate(choices, dataset, threads, (extractor) => toInt8(extractor, dataset));
      const float = await frozenRate(choices, dataset, threads, async (extractor) => extractor);
      console.log(`  frozen part: int8 ${int8.toFixed(1)} images/s, fp32 ${float.toFixed(1)} images/s`);
      results.push({ ours: images / int8, keras: await fastestEpoch(peer) });
      tell(results.at(-1)!);
    }
    return results;
  } finally {
    peer.close();
  }
}

async function freshRounds(dataset: Dataset, phase: "head" | "fine-tune"): Promise<Round[]> {
  const peer = startKeras(model, phase, images, batchSize);
  try {
    await peer.epoch();
    await ourEpoch(dataset, phase);
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      results.push({ ours: await ourEpoch(dataset, phase), keras: await fastestEpoch(peer) });
      tell(results.at(-1)!);
    }
    await tellMemory([peer]);
    return results;
  } finally {
    peer.close();
  }
}

/** The second epoch of a phase: sessions and threads are there already, and are ahead as they are after it. */
async function ourEpoch(dataset: Dataset, phase: "head" | "fine-tune"): Promise<number> {
  const epochs = phase === "head" ? { head: 3, fineTuning: 0 } : { head: 1, fineTuning: 3 };
  const trained = await train(recipe(model, epochs, null), dataset, scratch, threads);
  return (phase === "head" ? trained.head : trained.tuning!).history[1]!.seconds;
}

/** Seconds of the whole recipe, for as many photos as there are images. */
async function bankRounds(dataset: Dataset): Promise<Round[]> {
  const peers = (["head", "fine-tune"] as const).map((phase) => startKeras(model, phase, images, batchSize));
  try {
    for (const peer of peers) await peer.epoch();
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await ourRecipe(dataset);
      const [head, tuning] = [await fastestEpoch(peers[0]!), await fastestEpoch(peers[1]!)];
      results.push({ ours, keras: wholeRecipe(head, tuning) });
      tell(results.at(-1)!);
    }
    await tellMemory(peers);
    return results;
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** Seconds of the fastest epoch of three. */
async function fastestEpoch(peer: KerasPeer): Promise<number> {
  const seconds: number[] = [];
  while (seconds.length < 3) seconds.push((await peer.epoch()).seconds);
  return Math.min(...seconds);
}

async function ourRecipe(dataset: Dataset): Promise<number> {
  await rm(join(scratch, "features"), { recursive: true, force: true });
  const epochs = { head: 3, fineTuning: 3 };
  const { head, tuning, extractSeconds } = await train(recipe(model, epochs, bankVersions), dataset, scratch, threads);
  // The bank never has more versions than there are epochs.
  const made = Math.min(bankVersions, epochs.head + epochs.fineTuning) * images + classCount;
  const makingSeconds = (extractSeconds / made) * bankVersions * images;
  const epoch = (history: readonly { seconds: number }[]) => (history[1]!.seconds + history[2]!.seconds) / 2;
  const [headSeconds, tuningSeconds] = [epoch(head.history), epoch(tuning!.history)];
  console.log(
    `  bank of ${bankVersions}: ${makingSeconds.toFixed(1)} s; an epoch of head training ${headSeconds.toFixed(3)} s, of fine-tuning ${tuningSeconds.toFixed(3)} s`,
  );
  return makingSeconds + wholeRecipe(headSeconds, tuningSeconds);
}

function wholeRecipe(headSeconds: number, tuningSeconds: number): number {
  const { headEpochs, tuningEpochs } = models[model];
  return headEpochs * headSeconds + tuningEpochs * tuningSeconds;
}

function tell({ ours, keras }: Round): void {
  if (part === "bank") console.log(`  recipe: ours ${ours.toFixed(1)} s, Keras ${keras.toFixed(1)} s`);
  else console.log(`  ours ${(images / ours).toFixed(1)} images/s, Keras ${(images / keras).toFixed(1)} images/s`);
}

async function tellMemory(peers: readonly KerasPeer[]): Promise<void> {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const theirs = await Promise.all(peers.map(async (peer) => megabytes((await peer.epoch()).peakBytes)));
  console.log(
    `peak resident memory: ours ${megabytes(await peakBytes())} (photos of the benchmark included), Keras ${theirs.join(" and ")}`,
  );
}

function report(results: readonly Round[]): void {
  const { median: ratio, low, high } = ratioInterval(results.map(({ ours, keras }) => keras / ours));
  const floor = models[model].floors[part];
  if (part !== "bank") {
    const rate = (side: keyof Round) => (images / median(results.map((round) => round[side]))).toFixed(1);
    console.log(
      `${values.part}: ours ${rate("ours")} images/s, Keras ${rate("keras")} images/s (medians of ${rounds})`,
    );
  }
  console.log(
    `${values.part}: ${ratio.toFixed(2)} times Keras [${low.toFixed(2)}, ${high.toFixed(2)}], floor ${floor}`,
  );
  if (ratio < floor) {
    console.log("below the floor");
    process.exitCode = 1;
  }
}
