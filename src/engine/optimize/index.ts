/** Training: losses, the training step, optimizers with Keras' semantics. */
export { type Clipping, clipGradients, noClipping } from "./clip.ts";
export { l2Penalty, softmaxCrossEntropy } from "./loss.ts";
export {
  createOptimizer,
  type Optimizer,
  type OptimizerName,
  type OptimizerOptions,
  type OptimizerState,
  optimizerNames,
} from "./optimizers.ts";
export { learningRateAt, type Schedule, type ScheduleState } from "./schedules.ts";
export { createTrainer, type StepResult, type Trainer, type TrainerOptions } from "./trainer.ts";
export { buildTrainingGraph, gradientName, type TrainingGoal } from "./training-graph.ts";
