/** The phases of a training: the head on the frozen base, then fine-tuning where there was any. Pure. */
import type { Training } from "../../records/training.ts";

export interface TrainingPhase {
  readonly name: "head" | "fine-tuning";
  readonly history: Training["history"];
  /** Epoch whose weights were kept, from 1 in this phase. */
  readonly bestEpoch: number;
  /** Epochs of the phases before. */
  readonly offset: number;
}

export function trainingPhases({ history, bestEpoch, fineTuning }: Training): TrainingPhase[] {
  const head = { name: "head", history, bestEpoch, offset: 0 } as const;
  if (!fineTuning || fineTuning.history.length === 0) return [head];
  return [head, { name: "fine-tuning", ...fineTuning, offset: history.length }];
}
