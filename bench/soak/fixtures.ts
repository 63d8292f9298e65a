/** What the soak serves and sends: two models that answer differently, and photos with the answers that are right. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Rng } from "../../src/base/rng.ts";
import { candidate } from "../../src/config/candidate.ts";
import { encodeJpeg, encodePng } from "../../src/images/index.ts";
import {
  availableBase,
  buildClassifierGraph,
  loadWeights,
  planInputs,
  renderModelFile,
} from "../../src/models/index.ts";
import { openClassifier } from "../../src/predict/index.ts";
import { sampleMetadata } from "../../test/kit/toy-model.ts";

export interface SoakModel {
  readonly path: string;
  readonly sha256: string;
  /** For each photo, the probabilities that one in-process classifier gives, by class name. */
  readonly expected: readonly Readonly<Record<string, number>>[];
}

const classCount = 11;

/** EfficientNet-Lite0 with a head of random weights: real cost, answers that differ from photo to photo. */
export async function soakModel(dir: string, seed: number, photos: readonly Uint8Array[]): Promise<SoakModel> {
  const path = join(dir, `model-${seed}.onnx`);
  await writeFile(path, await modelBytes(seed));
  const classifier = await openClassifier(path, { threads: 1 });
  const expected: Record<string, number>[] = [];
  for (const photo of photos) {
    const { probabilities } = (await classifier.classify([photo]))[0]!;
    expected.push(Object.fromEntries(classifier.metadata.classes.map((name, i) => [name, probabilities[i]!])));
  }
  await classifier.dispose();
  return { path, sha256: classifier.modelSha256, expected };
}

async function modelBytes(seed: number): Promise<Uint8Array> {
  const { preprocessing } = candidate.parse({ name: "soak", bases: ["efficientnet-lite0"] });
  const base = availableBase("efficientnet-lite0");
  const inputs = planInputs(preprocessing, [base]);
  const rng = new Rng(`soak head ${seed}`);
  const kernel = Float32Array.from({ length: base.featureCount * classCount }, () => 0.1 * rng.normal());
  const loaded = { base, weights: await loadWeights(base) };
  const graph = buildClassifierGraph("soak", [loaded], inputs, { kernel, bias: new Float32Array(classCount) });
  const classes = Array.from({ length: classCount }, (_, i) => `model ${seed} class ${i}`);
  return renderModelFile(graph, sampleMetadata(classes, [...inputs.inputs]));
}

const sizes = [
  [256, 341],
  [640, 480],
  [1024, 768],
  [1600, 1200],
] as const;

/** Drawn photos of several sizes, JPEG and PNG. Noise on waves, so that a file has the size of a real photo's. */
export function soakPhotos(count: number): Promise<Uint8Array[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const [width, height] = sizes[i % sizes.length]!;
      const rng = new Rng(`soak photo ${i}`);
      const waves = Array.from({ length: 3 }, () => [rng.uniform(0.005, 0.05), rng.uniform(0.005, 0.05), rng.int(100)]);
      const data = new Uint8Array(width * height * 3);
      for (let at = 0; at < data.length; at++) {
        const pixel = Math.floor(at / 3);
        const [fx, fy, phase] = waves[at % 3] as [number, number, number];
        const wave = Math.sin((pixel % width) * fx + Math.floor(pixel / width) * fy + phase);
        data[at] = 128 + 90 * wave + rng.int(24) - 12;
      }
      const pixels = { width, height, data };
      return i % 8 === 7 ? encodePng(pixels) : encodeJpeg(pixels, 85);
    }),
  );
}
