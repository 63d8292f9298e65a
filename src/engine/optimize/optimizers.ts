/**
 * Optimizers with Keras' formulas, on plain arrays: pure updates in place.
 * Symbols: w weights, g gradient, lr learning rate, m first moment, v second moment, t step from 1, d weight decay.
 */

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

/** Changes one parameter by its moments; `t` counts steps from 1. */
type Rule = (w: Float32Array, g: Float32Array, moments: readonly Float32Array[], lr: number, t: number) => void;

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
      for (const [i, w] of parameters.entries()) {
        const own = Array.from({ length: momentsEach }, (_, k) => moments[k * count + i]!);
        rule(w, gradients[i]!, own, this.learningRate, steps);
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
  if (name === "adam") return { momentsEach: 2, rule: adam() };
  if (name === "adamw") return { momentsEach: 2, rule: adamW(weightDecay) };
  if (name === "rmsprop") return { momentsEach: 1, rule: rmsprop() };
  return name === "momentum"
    ? { momentsEach: 1, rule: sgdMomentum(momentum, nesterov) }
    : { momentsEach: 0, rule: sgd };
}

/** w -= lr g */
function sgd(w: Float32Array, g: Float32Array, _moments: readonly Float32Array[], lr: number): void {
  for (let i = 0; i < w.length; i++) w[i]! -= lr * g[i]!;
}

/** m = momentum m - lr g; w += m, or with Nesterov w += momentum m - lr g. */
function sgdMomentum(momentum: number, nesterov: boolean): Rule {
  return (w, g, [m], lr) => {
    for (let i = 0; i < w.length; i++) {
      const moved = momentum * m![i]! - lr * g[i]!;
      m![i] = moved;
      w[i]! += nesterov ? momentum * m![i]! - lr * g[i]! : m![i]!;
    }
  };
}

/**
 * m += (g - m)(1 - b1); v += (g^2 - v)(1 - b2); w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + e).
 * Kingma & Ba 2014 with the "epsilon hat" of section 2, as Keras.
 */
function adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): Rule {
  return (w, g, [m, v], lr, t) => {
    const rate = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    for (let i = 0; i < w.length; i++) {
      m![i]! += (g[i]! - m![i]!) * (1 - beta1);
      v![i]! += (g[i]! * g[i]! - v![i]!) * (1 - beta2);
      w[i]! -= (rate * m![i]!) / (Math.sqrt(v![i]!) + epsilon);
    }
  };
}

/** w -= d lr w, then Adam: Loshchilov & Hutter 2019 as Keras' AdamW, every parameter included. */
function adamW(weightDecay: number): Rule {
  const rule = adam();
  return (w, g, moments, lr, t) => {
    for (let i = 0; i < w.length; i++) w[i]! -= w[i]! * weightDecay * lr;
    rule(w, g, moments, lr, t);
  };
}

/** v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + e). Keras keeps epsilon inside the root. */
function rmsprop(rho = 0.9, epsilon = 1e-7): Rule {
  return (w, g, [v], lr) => {
    for (let i = 0; i < w.length; i++) {
      v![i] = rho * v![i]! + (1 - rho) * g[i]! * g[i]!;
      w[i]! -= (lr * g[i]!) / Math.sqrt(v![i]! + epsilon);
    }
  };
}
