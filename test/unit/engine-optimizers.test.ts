/** Optimizers: first steps in closed form. Whole runs are compared with Keras' in the training tests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Clipping,
  clipGradients,
  createOptimizer,
  learningRateAt,
  noClipping,
  type OptimizerName,
} from "../../src/engine/optimize/index.ts";
import { assertClose } from "../kit/close.ts";

const learningRate = 0.1;
const momentum = 0.9;

/** Weights after one and after two steps from 1 with the gradient 0.5, each derived from the formula by hand. */
const twoSteps: Readonly<Record<OptimizerName, readonly [number, number]>> = {
  sgd: [0.95, 0.9],
  // Velocity -0.05, then 0.9 * -0.05 - 0.05 = -0.095.
  momentum: [0.95, 0.855],
  // Both bias-corrected moments of a constant gradient are the gradient and its square: each step is the learning rate.
  adam: [0.9, 0.8],
  // As Adam, after w -= 0.004 * 0.1 w.
  adamw: [0.9996 - 0.1, (0.9996 - 0.1) * 0.9996 - 0.1],
  // v = 0.025, then 0.0475: steps of 0.05 / sqrt(v).
  rmsprop: [1 - 0.05 / Math.sqrt(0.025), 1 - 0.05 / Math.sqrt(0.025) - 0.05 / Math.sqrt(0.0475)],
};

for (const [name, expected] of Object.entries(twoSteps)) {
  test(`${name} takes its first two steps as its formula says, on every parameter`, () => {
    const optimizer = createOptimizer({ name: name as OptimizerName, learningRate, momentum });
    const parameters = [Float32Array.of(1, 1), Float32Array.of(1)];
    const gradients = [Float32Array.of(0.5, 0.5), Float32Array.of(0.5)];
    for (const weight of expected) {
      optimizer.step(parameters, gradients);
      for (const values of parameters) assertClose(values, new Array(values.length).fill(weight), 2e-6);
    }
    assert.deepEqual(gradients[0], Float32Array.of(0.5, 0.5));
  });
}

for (const [name, [, second]] of Object.entries(twoSteps)) {
  test(`${name}: every value of a long parameter, which does not fill its last block, is updated as a short one`, () => {
    const optimizer = createOptimizer({ name: name as OptimizerName, learningRate, momentum });
    const weights = new Float32Array(5003).fill(1);
    const gradient = new Float32Array(weights.length).fill(0.5);
    for (let step = 0; step < 2; step++) optimizer.step([weights], [gradient]);
    assertClose(weights, new Array(weights.length).fill(second), 2e-6);
  });
}

test("Adam's epsilon is added to the root of the second moment, without bias correction", () => {
  const optimizer = createOptimizer({ name: "adam", learningRate: 1, momentum });
  const weight = Float32Array.of(0);
  const gradient = 1e-7;
  optimizer.step([weight], [Float32Array.of(gradient)]);
  // m = 0.1 g, v = 0.001 g^2: sqrt(0.001) / 0.1 * 0.1 g / (sqrt(0.001) g + 1e-7).
  const root = Math.sqrt(0.001);
  assertClose(weight, [(-root * gradient) / (root * gradient + 1e-7)], 1e-5);
});

test("RMSprop's epsilon is inside the root", () => {
  const optimizer = createOptimizer({ name: "rmsprop", learningRate: 1, momentum });
  const weight = Float32Array.of(0);
  optimizer.step([weight], [Float32Array.of(1e-3)]);
  assertClose(weight, [-1e-3 / Math.sqrt(1e-7 + 1e-7)], 1e-5);
});

test("Nesterov looks ahead by the momentum", () => {
  const optimizer = createOptimizer({ name: "momentum", learningRate, momentum, nesterov: true });
  const weight = Float32Array.of(1);
  optimizer.step([weight], [Float32Array.of(0.5)]);
  assertClose(weight, [1 + 0.9 * -0.05 - 0.05], 1e-6);
});

test("an optimizer that goes on from a state takes the same steps", () => {
  const first = createOptimizer({ name: "adam", learningRate, momentum });
  const weight = Float32Array.of(1, -1);
  first.step([weight], [Float32Array.of(0.3, -0.2)]);
  const second = createOptimizer({ name: "adam", learningRate, momentum });
  second.restore(first.state());
  const other = weight.slice();
  first.step([weight], [Float32Array.of(0.1, 0.7)]);
  second.step([other], [Float32Array.of(0.1, 0.7)]);
  assert.deepEqual(other, weight);
});

test("clipping by norm, by the norm of all, by value", () => {
  const gradients = () => [Float32Array.of(3, 4), Float32Array.of(12)];
  const clipped = (clipping: Partial<Clipping>) => {
    const values = gradients();
    clipGradients(values, { ...noClipping, ...clipping });
    return values.map((each) => [...each]);
  };
  assert.deepEqual(clipped({}), [[3, 4], [12]]);
  assert.deepEqual(clipped({ norm: 10 }), [[3, 4], [10]]);
  assertClose(clipped({ globalNorm: 6.5 }).flat(), [1.5, 2, 6], 1e-6); // the norm of all is 13
  assert.deepEqual(clipped({ value: 3.5 }), [[3, 3.5], [3.5]]);
});

const where = (epochsDone: number, validationLosses: number[] = []) => ({ epochsDone, epochs: 10, validationLosses });

test("cosine: full rate after the warm-up, half of it in the middle, the floor in the end", () => {
  const schedule = { kind: "cosine", warmupEpochs: 2, floor: 0.1 } as const;
  const rates = [1, 2, 6, 10].map((epochs) => learningRateAt(schedule, 1, where(epochs)));
  assertClose(rates, [0.5, 1, 0.55, 0.1], 1e-12);
});

test("plateau: lowered after `patience` epochs without a loss lower by more than the least difference", () => {
  const schedule = { kind: "plateau", factor: 0.5, patience: 2, minimumDelta: 0.01, minimumRate: 0.2 } as const;
  const rateAfter = (losses: number[]) => learningRateAt(schedule, 1, where(losses.length, losses));
  assert.equal(rateAfter([1, 0.5, 0.495]), 1);
  assert.equal(rateAfter([1, 0.5, 0.495, 0.492]), 0.5);
  assert.equal(rateAfter([1, 0.5, 0.495, 0.492, 0.4, 0.4]), 0.5);
  assert.equal(rateAfter([1, 1, 1, 1, 1, 1, 1]), 0.2);
});
