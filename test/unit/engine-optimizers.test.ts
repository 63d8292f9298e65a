/** Optimizers: first steps in closed form. Whole runs are compared with Keras' in the training tests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOptimizer, type OptimizerName } from "../../src/engine/optimize/optimizers.ts";
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
