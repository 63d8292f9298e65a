/**
 * Optimizers with Keras' formulas, on plain arrays: pure updates in place.
 * Values are float32 throughout. Symbols: w weights, g gradient, lr learning rate, m first moment, v second moment,
 * t step from 1, d weight decay.
 */
import { type BlockUpdate, updateInBlocks } from "./blocks.ts";

/** What an optimizer remembers: how many steps it took, and its moments. */
export interface OptimizerState {
  readonly steps: number;
  /** In the order of the parameters, first moments before second ones; empty before the first step. */
  readonly moments: readonly Float32Array[];
}

export interface Optimizer {
  /** For the next steps; schedules change it. */
  learningRate: number;
  /** Updates every parameter in place by its gradient; arrays keep their order from call to call. */
  step(parameters: readonly Float32Array[], gradients: readonly Float32Array[]): void;
  /** The state as it is; its arrays are the optimizer's own. */
  state(): OptimizerState;
  /** Goes on from a state: copies it. */
  restore(state: OptimizerState): void;
}

export const optimizerNames = ["adam", "adamw", "sgd", "momentum", "rmsprop"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface OptimizerOptions {
  readonly name: OptimizerName;
  readonly learningRate: number;
  /** Of `momentum` only. */
  readonly momentum: number;
  /** Of `momentum` only: the look-ahead form of Nesterov, as Keras has it. Default false. */
  readonly nesterov?: boolean;
  /** Of `adamw` only. Default Keras' 0.004. */
  readonly weightDecay?: number;
}

/** The update of a step; `t` counts steps from 1. */
type Rule = (lr: number, t: number) => BlockUpdate;

/** Zero state at the start. Defaults are Keras': Adam .9, .999, 1e-7; RMSprop rho .9, 1e-7. */
export function createOptimizer(options: OptimizerOptions): Optimizer {
  const { momentsEach, rule } = ruleOf(options);
  let steps = 0;
  let moments: Float32Array[] = [];
  return {
    learningRate: options.learningRate,
    step(parameters, gradients) {
      steps++;
      const count = parameters.length;
      if (moments.length === 0) {
        moments = Array.from(
          { length: momentsEach * count },
          (_, i) => new Float32Array(parameters[i % count]!.length),
        );
      }
      const update = rule(this.learningRate, steps);
      for (const [i, w] of parameters.entries()) {
        const own = Array.from({ length: momentsEach }, (_, k) => moments[k * count + i]!);
        updateInBlocks(w, gradients[i]!, own, update);
      }
    },
    state: () => ({ steps, moments }),
    restore(state) {
      steps = state.steps;
      moments = state.moments.map((values) => values.slice());
    },
  };
}

function ruleOf(options: OptimizerOptions): { momentsEach: number; rule: Rule } {
  const { name, momentum, nesterov = false, weightDecay = 0.004 } = options;
  if (name === "adam") return { momentsEach: 2, rule: adam(0) };
  if (name === "adamw") return { momentsEach: 2, rule: adam(weightDecay) };
  if (name === "rmsprop") return { momentsEach: 1, rule: rmsprop };
  return name === "momentum"
    ? { momentsEach: 1, rule: sgdMomentum(momentum, nesterov) }
    : { momentsEach: 0, rule: sgd };
}

/** w -= lr g */
function sgd(lr: number): BlockUpdate {
  return (updates, stride, count) => updates.sgd(stride, count, lr);
}

/** m = momentum m - lr g; w += m, or with Nesterov w += momentum m - lr g. */
function sgdMomentum(momentum: number, nesterov: boolean): Rule {
  return (lr) => (updates, stride, count) => updates.sgdMomentum(stride, count, lr, momentum, nesterov);
}

/**
 * m += (g - m)(1 - b1); v += (g^2 - v)(1 - b2); w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + e).
 * Kingma & Ba 2014 with the "epsilon hat" of section 2, as Keras. With weight decay d first w -= d lr w: Loshchilov &
 * Hutter 2019 as Keras' AdamW, every parameter included.
 */
function adam(weightDecay: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): Rule {
  return (lr, t) => {
    const rate = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    const decay = weightDecay * lr;
    return (updates, stride, count) => updates.adam(stride, count, rate, 1 - beta1, 1 - beta2, epsilon, decay);
  };
}

/** v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + e). Keras keeps epsilon inside the root. */
function rmsprop(lr: number): BlockUpdate {
  const [rho, epsilon] = [0.9, 1e-7];
  return (updates, stride, count) => updates.rmsprop(stride, count, lr, rho, 1 - rho, epsilon);
}
