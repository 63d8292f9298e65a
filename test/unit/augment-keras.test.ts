/** Augmentation against Keras' ImageDataGenerator: parameters that it drew, and pictures that it made. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  applyTransform,
  drawTransform,
  NumpyRandom,
  neutralTransform,
  planEpoch,
  type Transform,
} from "../../src/augment/index.ts";
import { type Augmentation, candidate } from "../../src/config/candidate.ts";
import { readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const folder = "goldens/augmentation";
const skip = sharedMissing(folder);

interface KerasParameters {
  theta?: number;
  tx?: number;
  ty?: number;
  shear?: number;
  zx?: number;
  zy?: number;
  flip_horizontal?: boolean;
  flip_vertical?: boolean;
  channel_shift_intensity?: number | null;
  brightness?: number | null;
}

interface Goldens {
  raw: { file: string; table: Record<string, { offset_bytes: number; shape: [number, number, number] }> };
  cases: {
    key: string;
    input: string;
    params: KerasParameters;
    fill_mode: Augmentation["fill"];
    cval?: number;
    interpolation_order?: 0 | 3;
  }[];
  random: {
    key: string;
    config: Record<string, unknown>;
    seed: number;
    params: KerasParameters;
    next_random_after: number;
  }[];
  flow: { config: Record<string, unknown>; seed: number; batch_size: number; labels: number[][] };
}

function load(version: string): Goldens {
  return JSON.parse(readFileSync(sharedFile(`${folder}/params-${version}.json`), "utf8")) as Goldens;
}

/** An output of Keras. */
function outputOf({ raw }: Goldens, key: string): Float32Array {
  const { offset_bytes, shape } = raw.table[key]!;
  const bytes = readFileSync(sharedFile(`${folder}/${raw.file}`));
  const length = shape.reduce((product, dim) => product * dim, 4);
  return new Float32Array(new Uint8Array(bytes.subarray(offset_bytes, offset_bytes + length)).buffer);
}

function inputOf(name: string) {
  const { shape, data } = readNpy(sharedFile(`${folder}/input-${name}.npy`));
  return { height: shape[0]!, width: shape[1]!, data: data as Float32Array };
}

function toTransform(params: KerasParameters): Transform {
  const { flip_horizontal, flip_vertical, channel_shift_intensity, brightness, ...affine } = params;
  return {
    ...neutralTransform,
    ...affine,
    flipHorizontal: flip_horizontal ?? false,
    flipVertical: flip_vertical ?? false,
    channelShift: channel_shift_intensity ?? null,
    brightness: brightness ?? null,
  };
}

const optionNames: Record<string, string> = {
  rotation_range: "rotationDegrees",
  width_shift_range: "widthShift",
  height_shift_range: "heightShift",
  shear_range: "shearDegrees",
  zoom_range: "zoom",
  horizontal_flip: "horizontalFlip",
  vertical_flip: "verticalFlip",
  channel_shift_range: "channelShift",
  brightness_range: "brightness",
};

function toOptions(config: Record<string, unknown>): Augmentation {
  const augmentation = Object.fromEntries(Object.entries(config).map(([key, value]) => [optionNames[key]!, value]));
  return candidate.parse({ name: "x", bases: ["efficientnet-lite0"], augmentation }).augmentation!;
}

function largestDifference(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

test("every picture of apply_transform, to float32 rounding", { skip }, () => {
  const goldens = load("keras2.14");
  assert.equal(goldens.cases.length, 100);
  for (const { key, input, params, fill_mode, cval, interpolation_order } of goldens.cases) {
    const options = { fill: fill_mode, fillValue: cval ?? 0, order: interpolation_order ?? 1 } as const;
    const { data } = applyTransform(inputOf(input), toTransform(params), options);
    const error = largestDifference(data, outputOf(goldens, key));
    assert.ok(error <= 3e-5, `${key}: ${error}`); // an ulp of 255 is 1.5e-5
  }
});

for (const version of ["keras2.14", "keras3"]) {
  test(`the draws of get_random_transform, ${version}`, { skip }, () => {
    const { random } = load(version);
    assert.ok(random.length >= 20);
    for (const { key, config, seed, params, next_random_after } of random) {
      const generator = new NumpyRandom(seed);
      const drawn = drawTransform(toOptions(config), { height: 48, width: 64 }, generator);
      const expected = toTransform(params);
      for (const name of Object.keys(expected) as (keyof Transform)[]) {
        const [value, wanted] = [drawn[name], expected[name]];
        const isSame = typeof value === "number" ? Math.abs(value - (wanted as number)) < 1e-12 : value === wanted;
        assert.ok(isSame, `${key}: ${name} is ${value}, expected ${wanted}`);
      }
      assert.equal(generator.random(), next_random_after, key);
    }
  });
}

test("order and pictures of a flow over two epochs", { skip }, () => {
  const goldens = load("keras2.14");
  const { config, seed, batch_size: batchSize, labels } = goldens.flow;
  const augmentation = toOptions(config);
  const input = inputOf("48x48");
  const options = { seed, count: 6, batchSize, augmentation, size: 48 };
  const batches = [...planEpoch(options, 0), ...planEpoch(options, 1)].slice(0, labels.length);
  for (const [number, batch] of batches.entries()) {
    assert.deepEqual(
      batch.map(({ index }) => index),
      labels[number],
    );
    const expected = outputOf(goldens, `flow/batch${number}`);
    for (const [place, { index, transform }] of batch.entries()) {
      const data = input.data.map((value) => Math.min(value + index, 255));
      const changed = applyTransform({ ...input, data }, transform, { fill: "nearest", fillValue: 0, order: 1 });
      const rescaled = changed.data.map((value) => value / 255);
      const wanted = expected.subarray(place * data.length, (place + 1) * data.length);
      assert.ok(largestDifference(rescaled, wanted) <= 2e-7, `batch ${number}, picture ${place}`);
    }
  }
});

test("the comparison can fail: a shift with the wrong sign is far off", { skip }, () => {
  const goldens = load("keras2.14");
  const transform = { ...neutralTransform, tx: -4.8 };
  const { data } = applyTransform(inputOf("64x48"), transform, { fill: "nearest", fillValue: 0, order: 1 });
  assert.ok(largestDifference(data, outputOf(goldens, "64x48/tx+4.8")) > 1);
});

test("a shift of channels stays within the range of a picture of any size, flipped or not", () => {
  const options = { fill: "nearest", fillValue: 0, order: 1 } as const;
  const extremes = { width: 9, height: 9, data: Uint8Array.from({ length: 243 }, (_, i) => 255 * (i % 2)) };
  for (const [width, height] of [
    [1, 1],
    [3, 3],
    [5, 7],
  ] as const) {
    applyTransform(extremes, neutralTransform, options); // leaves other levels in the memory
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => 90 + ((i * 7) % 30));
    const [low, high] = [Math.min(...data), Math.max(...data)];
    const transform = { ...neutralTransform, channelShift: 12, flipHorizontal: true, flipVertical: true };
    const turned = Array.from({ length: data.length }, (_, i) => {
      const pixel = width * height - 1 - Math.floor(i / 3);
      return Math.min(Math.max(data[3 * pixel + (i % 3)]! + 12, low), high);
    });
    assert.deepEqual([...applyTransform({ width, height, data }, transform, options).data], turned);
  }
});
