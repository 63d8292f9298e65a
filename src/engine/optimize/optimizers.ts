/**
 * Optimizers with Keras' formulas, on plain arrays: pure updates in place.
 * Symbols: w weights, g gradient, lr learning rate, m first moment, v second moment, t step from 1.
 */

export interface Optimizer {
  /** Updates every parameter in place by its gradient; arrays keep their order from call to call. */
  step(parameters: readonly Float32Array[], gradients: readonly Float32Array[]): void;
}

export type OptimizerName = "adam" | "sgd" | "momentum" | "rmsprop";

export interface OptimizerOptions {
  readonly name: OptimizerName;
  readonly learningRate: number;
  /** Of `momentum` only. */
  readonly momentum: number;
}

/** State is kept inside, zero at the start. Defaults are Keras': Adam .9, .999, 1e-7; RMSprop rho .9, 1e-7. */
export function createOptimizer({ name, learningRate, momentum }: OptimizerOptions): Optimizer {
  if (name === "adam") return adam(learningRate);
  if (name === "rmsprop") return rmsprop(learningRate);
  return name === "momentum" ? sgdMomentum(learningRate, momentum) : sgd(learningRate);
}

/** w -= lr g */
function sgd(learningRate: number): Optimizer {
  return {
    step(parameters, gradients) {
      parameters.forEach((w, p) => {
        const g = gradients[p]!;
        for (let i = 0; i < w.length; i++) w[i]! -= learningRate * g[i]!;
      });
    },
  };
}

/** m = momentum m - lr g; w += m */
function sgdMomentum(learningRate: number, momentum: number): Optimizer {
  const moments = lazyState();
  return {
    step(parameters, gradients) {
      parameters.forEach((w, p) => {
        const g = gradients[p]!;
        const m = moments(p, w.length);
        for (let i = 0; i < w.length; i++) {
          m[i] = momentum * m[i]! - learningRate * g[i]!;
          w[i]! += m[i]!;
        }
      });
    },
  };
}

/**
 * m += (g - m)(1 - b1); v += (g^2 - v)(1 - b2); w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + e).
 * Kingma & Ba 2014 with the "epsilon hat" of section 2, as Keras.
 */
function adam(learningRate: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): Optimizer {
  const first = lazyState();
  const second = lazyState();
  let t = 0;
  return {
    step(parameters, gradients) {
      t++;
      const rate = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      parameters.forEach((w, p) => {
        const g = gradients[p]!;
        const m = first(p, w.length);
        const v = second(p, w.length);
        for (let i = 0; i < w.length; i++) {
          m[i]! += (g[i]! - m[i]!) * (1 - beta1);
          v[i]! += (g[i]! * g[i]! - v[i]!) * (1 - beta2);
          w[i]! -= (rate * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
        }
      });
    },
  };
}

/** v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + e). Keras keeps epsilon inside the root. */
function rmsprop(learningRate: number, rho = 0.9, epsilon = 1e-7): Optimizer {
  const second = lazyState();
  return {
    step(parameters, gradients) {
      parameters.forEach((w, p) => {
        const g = gradients[p]!;
        const v = second(p, w.length);
        for (let i = 0; i < w.length; i++) {
          v[i] = rho * v[i]! + (1 - rho) * g[i]! * g[i]!;
          w[i]! -= (learningRate * g[i]!) / Math.sqrt(v[i]! + epsilon);
        }
      });
    },
  };
}

/** Zeroed state by parameter index, made at first use. */
function lazyState(): (index: number, length: number) => Float32Array {
  const arrays: Float32Array[] = [];
  return (index, length) => (arrays[index] ??= new Float32Array(length));
}
