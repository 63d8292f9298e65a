/** Head training against closed forms: with features of 0 the logits are the bias alone, so every step is known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { type Candidate, candidate } from "../../src/config/candidate.ts";
import { type LabelledFeatures, type TrainedHead, trainHead } from "../kit/train-head.ts";

function zeros(labels: readonly number[]): LabelledFeatures {
  return { features: { rows: labels.length, columns: 2, data: new Float32Array(labels.length * 2) }, labels };
}

function train(
  head: Record<string, unknown>,
  training: LabelledFeatures,
  validation: LabelledFeatures,
): Promise<TrainedHead> {
  const choices: Candidate = candidate.parse({ name: "x", bases: ["efficientnet-lite0"], head });
  return trainHead(choices.head, 2, training, validation);
}

const near = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} to ${tolerance}`);

const sgd = (learningRate: number) => ({ name: "sgd", learningRate });

test("one step of SGD: loss ln 2 before it, bias moved by the mean gradient", async () => {
  const { weights, history } = await train({ epochs: 1, optimizer: sgd(0.6) }, zeros([0, 0, 1]), zeros([0]));
  // Gradient of the bias: softmax - mean of one-hot labels = [1/2 - 2/3, 1/2 - 1/3].
  near(weights.bias[0]!, 0.1);
  near(weights.bias[1]!, -0.1);
  const { loss, accuracy, validationLoss, validationAccuracy } = history[0]!;
  near(loss, Math.log(2));
  near(accuracy, 2 / 3); // a tie counts as the first class
  near(validationLoss, Math.log(1 + Math.exp(-0.2)));
  assert.equal(validationAccuracy, 1);
});

test("the reported training loss is the mean of the steps' losses weighted by photos, each before its step", async () => {
  const { history } = await train({ epochs: 1, optimizer: sgd(1), batchSize: 2 }, zeros([0, 0, 0]), zeros([0]));
  // After the first step the bias is [1/2, -1/2]: the second batch, of one photo, has ln(1 + e^-1).
  near(history[0]!.loss, (2 * Math.log(2) + Math.log(1 + Math.exp(-1))) / 3);
});

test("l2 shrinks the kernel by 1 - 2 l2 rate a step, and is part of the loss", async () => {
  const choices = { optimizer: sgd(1), l2: 0.1 };
  const one = await train({ ...choices, epochs: 1 }, zeros([0, 1]), zeros([0, 1]));
  const without = await train({ ...choices, l2: 0, epochs: 1 }, zeros([0, 1]), zeros([0, 1]));
  const initial = without.weights.kernel; // nothing moves it: features are 0
  for (const [i, value] of one.weights.kernel.entries()) near(value, 0.8 * initial[i]!);
  const squares = initial.reduce((sum, value) => sum + value * value, 0);
  near(one.history[0]!.loss, Math.log(2) + 0.1 * squares);
  near(one.history[0]!.validationLoss, Math.log(2) + 0.1 * 0.64 * squares);
});

test("the initial kernel is Glorot uniform: within ±sqrt(6 / (2 + 2))", async () => {
  const { weights } = await train({ epochs: 1 }, zeros([0, 1]), zeros([0]));
  const limit = Math.sqrt(6 / 4);
  assert.ok(weights.kernel.every((value) => Math.abs(value) <= limit + 0.01));
  assert.ok(new Set(weights.kernel).size === 4);
});

/** Trained towards class 0 only, while a quarter of the validation photos is class 1: too sure becomes worse. */
const oneSided = { training: zeros([0, 0, 0, 0]), validation: zeros([0, 0, 0, 1]) };

test("the best epoch has the best validation accuracy, then the lowest validation loss", async () => {
  const { weights, history, bestEpoch, stoppedEarly } = await train(
    { epochs: 30, optimizer: sgd(0.3) },
    oneSided.training,
    oneSided.validation,
  );
  assert.ok(history.every(({ validationAccuracy }) => validationAccuracy === 0.75));
  const losses = history.map(({ validationLoss }) => validationLoss);
  assert.equal(bestEpoch, losses.indexOf(Math.min(...losses)) + 1);
  assert.ok(bestEpoch > 1 && bestEpoch < 30);
  assert.equal(stoppedEarly, false);
  // The kept weights are that epoch's: they give its validation loss.
  const margin = weights.bias[0]! - weights.bias[1]!;
  near(
    history[bestEpoch - 1]!.validationLoss,
    0.75 * Math.log1p(Math.exp(-margin)) + 0.25 * Math.log1p(Math.exp(margin)),
  );
});

test("patience counts epochs without better validation accuracy", async () => {
  const { history, stoppedEarly } = await train(
    { epochs: 30, optimizer: sgd(0.3), patience: 3 },
    oneSided.training,
    oneSided.validation,
  );
  assert.equal(history.length, 4);
  assert.equal(stoppedEarly, true);
});

test("a loss that is not a number ends training", async () => {
  const training = {
    features: { rows: 2, columns: 2, data: Float32Array.of(1e30, -1e30, -1e30, 1e30) },
    labels: [0, 1],
  };
  await assert.rejects(train({ epochs: 5, optimizer: sgd(1e30), dropout: 0 }, training, training), /loss .* in epoch/);
});

test("equal seeds give equal weights", async () => {
  const rng = new Rng(5);
  const noise = {
    features: { rows: 50, columns: 2, data: Float32Array.from({ length: 100 }, () => rng.normal()) },
    labels: Array.from({ length: 50 }, () => rng.int(2)),
  };
  const once = await train({ epochs: 3 }, noise, noise);
  const again = await train({ epochs: 3 }, noise, noise);
  assert.deepEqual(again, once);
});
