/** A trainer: a session that computes loss and gradients, and an optimizer that updates the caller's parameters. */
import assert from "node:assert/strict";
import { type GraphBuilder, staticDims, type TensorValue } from "../graph/index.ts";
import { encodeModel } from "../onnx/index.ts";
import { createSession, type SessionOptions, type TensorValues } from "../runtime/index.ts";
import { type Clipping, clipGradients, noClipping } from "./clip.ts";
import type { Optimizer } from "./optimizers.ts";
import { buildTrainingGraph, gradientName, type TrainingGoal } from "./training-graph.ts";

export interface TrainerOptions extends SessionOptions {
  /** Values of the goal's parameters by name, row-major. They stay the caller's and are changed in place by each step. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly optimizer: Optimizer;
  /** Default: none. */
  readonly clipping?: Clipping;
}

/** What a step saw before it changed the parameters. */
export interface StepResult {
  readonly loss: number;
  /** The goal's further results. */
  readonly results: TensorValues;
}

export interface Trainer {
  /**
   * One step on one batch. Steps must not overlap. Where the loss is not finite nothing is changed.
   * @param feeds a tensor for each input that is not a parameter
   */
  step(feeds: TensorValues): Promise<StepResult>;
  /** Loss and results of a batch; nothing is changed. */
  evaluate(feeds: TensorValues): Promise<StepResult>;
  dispose(): Promise<void>;
}

/**
 * Makes a trainer of the graph that a builder holds: adds the gradients and loads the step.
 * @throws ENGINE_NO_GRADIENT, ENGINE_GRAPH_INVALID, ENGINE_SESSION_FAILED
 */
export async function createTrainer(b: GraphBuilder, goal: TrainingGoal, options: TrainerOptions): Promise<Trainer> {
  const graph = buildTrainingGraph(b, "training-step", goal);
  const session = await createSession(encodeModel(graph), options);
  const parameters = parameterTensors(goal, options.values);
  const arrays = Object.values(parameters).map(({ data }) => data as Float32Array);
  const gradientNames = Object.keys(parameters).map(gradientName);

  const run = async (feeds: TensorValues): Promise<TensorValues> => session.run({ ...feeds, ...parameters });
  const resultOf = (outputs: TensorValues): StepResult => ({
    loss: Number(outputs.loss!.data[0]),
    results: Object.fromEntries(Object.keys(goal.results ?? {}).map((name) => [name, outputs[name]!])),
  });
  return {
    async step(feeds) {
      const outputs = await run(feeds);
      const gradients = gradientNames.map((name) => outputs[name]!.data as Float32Array);
      // Before anything is changed: a gradient that is no number must not reach the weights.
      if (!Number.isFinite(Number(outputs.loss!.data[0]))) return resultOf(outputs);
      clipGradients(gradients, options.clipping ?? noClipping);
      options.optimizer.step(arrays, gradients);
      return resultOf(outputs);
    },
    evaluate: async (feeds) => resultOf(await run(feeds)),
    dispose: () => session.dispose(),
  };
}

/** The parameters as tensors that view the caller's arrays. */
function parameterTensors(goal: TrainingGoal, values: TrainerOptions["values"]): Record<string, TensorValue> {
  const tensors = goal.parameters.map(({ name, shape }): [string, TensorValue] => {
    const dims = staticDims(shape);
    const data = values[name];
    assert(dims !== null && data !== undefined, `parameter ${name} has symbolic dimensions or no values`);
    return [name, { dtype: "float32", dims, data }];
  });
  return Object.fromEntries(tensors);
}
