/** Training a head: against Keras' losses and weights, and against the loss's closed form. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";
import { GraphBuilder, type TensorValue } from "../../src/engine/graph/index.ts";
import {
  createOptimizer,
  createTrainer,
  l2Penalty,
  type OptimizerOptions,
  softmaxCrossEntropy,
  type Trainer,
} from "../../src/engine/optimize/index.ts";
import { assertClose } from "../kit/close.ts";
import { readNpy } from "../kit/npy.ts";

const goldens = join(projectDir, "../shared/goldens/training");
const skip = existsSync(goldens) ? false : "the golden training runs are not at hand";

interface HeadValues {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Softmax regression from `features` to `classes`; the values are changed by its steps. */
function headTrainer(values: HeadValues, optimizer: OptimizerOptions, l2 = 0): Promise<Trainer> {
  const classes = values.bias.length;
  const b = new GraphBuilder();
  const x = b.input("features", "float32", ["N", values.weight.length / classes]);
  const labels = b.input("labels", "float32", ["N", classes]);
  const weight = b.input("weight", "float32", [values.weight.length / classes, classes]);
  const bias = b.input("bias", "float32", [classes]);
  const logits = b.gemm(x, weight, bias);
  const fit = softmaxCrossEntropy(b, logits, labels);
  const loss = l2 === 0 ? fit : b.add(fit, l2Penalty(b, weight, l2));
  return createTrainer(
    b,
    { loss, parameters: [weight, bias], results: { logits } },
    { threads: 1, values: { ...values }, optimizer: createOptimizer(optimizer) },
  );
}

function oneHot(labels: readonly number[], classes: number): TensorValue {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    data[row * classes + label] = 1;
  });
  return { dtype: "float32", dims: [labels.length, classes], data };
}

const floats = (name: string): Float32Array => readNpy(join(goldens, `${name}.npy`)).data as Float32Array;

/** Trains the head of the golden runs on its 20 batches of 16 x 64 features. */
async function goldenRun(optimizer: OptimizerOptions): Promise<HeadValues & { losses: number[] }> {
  const values = { weight: floats("head-W0"), bias: floats("head-b0") };
  const trainer = await headTrainer(values, optimizer);
  const features = floats("head-X");
  const labels = readNpy(join(goldens, "head-labels.npy")).data;
  const losses: number[] = [];
  for (let step = 0; step < 20; step++) {
    const batch = features.subarray(step * 16 * 64, (step + 1) * 16 * 64);
    const { loss } = await trainer.step({
      features: { dtype: "float32", dims: [16, 64], data: batch },
      labels: oneHot(Array.from(labels.subarray(step * 16, (step + 1) * 16), Number), 11),
    });
    losses.push(loss);
  }
  await trainer.dispose();
  return { ...values, losses };
}

/** Name in the golden files, learning rate, name here. */
const goldenRuns = [
  ["adam", "adam", 0.01],
  ["sgd", "sgd", 0.1],
  ["sgdm", "momentum", 0.05],
  ["rmsprop", "rmsprop", 0.01],
] as const;

for (const [golden, name, learningRate] of goldenRuns) {
  for (const tag of ["keras2.14", "keras3"]) {
    test(`${name} takes 20 steps as ${tag}`, { skip }, async () => {
      const runs = JSON.parse(readFileSync(join(goldens, `training-${tag}.json`), "utf8")) as Record<
        string,
        { loss: number[] }
      >;
      const { losses, weight, bias } = await goldenRun({ name, learningRate, momentum: 0.9 });
      assertClose(losses, runs[`head-${golden}`]!.loss, 1e-5);
      assertClose(weight, floats(`head-${golden}-W.${tag}`), 1e-5);
      assertClose(bias, floats(`head-${golden}-b.${tag}`), 1e-5);
    });
  }
}

test("another learning rate does not pass for Keras' run", { skip }, async () => {
  const { weight } = await goldenRun({ name: "adam", learningRate: 0.0101, momentum: 0.9 });
  assert.throws(() => assertClose(weight, floats("head-adam-W.keras2.14"), 1e-5), /expected/);
});

test("the loss of equal logits is log(classes), and its gradient is (1/classes - label) / batch", async () => {
  const values = { weight: new Float32Array(4), bias: new Float32Array(2) };
  const trainer = await headTrainer(values, { name: "sgd", learningRate: 1, momentum: 0 });
  const features: TensorValue = { dtype: "float32", dims: [1, 2], data: Float32Array.of(1, 3) };
  const { loss, results } = await trainer.step({ features, labels: oneHot([0], 2) });
  assertClose([loss], [Math.LN2], 1e-6);
  assert.deepEqual(results.logits!.data, Float32Array.of(0, 0));
  assertClose(values.weight, [0.5, -0.5, 1.5, -1.5], 1e-6);
  assertClose(values.bias, [0.5, -0.5], 1e-6);
  const after = await trainer.evaluate({ features, labels: oneHot([0], 2) });
  assertClose([after.loss], [Math.log(1 + Math.exp(-11))], 1e-6);
  assertClose(values.bias, [0.5, -0.5], 1e-6);
  await trainer.dispose();
});

test("very large logits give a finite loss and step", async () => {
  const values = { weight: Float32Array.of(1e4, -1e4), bias: new Float32Array(2) };
  const trainer = await headTrainer(values, { name: "sgd", learningRate: 1, momentum: 0 });
  const features: TensorValue = { dtype: "float32", dims: [1, 1], data: Float32Array.of(1) };
  const { loss } = await trainer.step({ features, labels: oneHot([1], 2) });
  assert.equal(loss, 2e4);
  assert.deepEqual(values.bias, Float32Array.of(-1, 1));
  await trainer.dispose();
});

test("the L2 penalty adds factor * sum of squares and pulls weights by 2 * factor", async () => {
  const values = { weight: Float32Array.of(3, 3), bias: new Float32Array(2) };
  const trainer = await headTrainer(values, { name: "sgd", learningRate: 1, momentum: 0 }, 0.1);
  const features: TensorValue = { dtype: "float32", dims: [1, 1], data: Float32Array.of(0) };
  const { loss } = await trainer.step({ features, labels: oneHot([0], 2) });
  assertClose([loss], [Math.LN2 + 1.8], 1e-6);
  assertClose(values.weight, [2.4, 2.4], 1e-6);
  await trainer.dispose();
});
