/** Training: losses, the training step, optimizers with Keras' semantics. */
export { l2Penalty, softmaxCrossEntropy } from "./loss.ts";
export { createOptimizer, type Optimizer, type OptimizerName, type OptimizerOptions } from "./optimizers.ts";
export { createTrainer, type StepResult, type Trainer, type TrainerOptions } from "./trainer.ts";
export { buildTrainingGraph, gradientName, type TrainingGoal } from "./training-graph.ts";
