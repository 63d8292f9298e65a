/** What this version of training can do: a candidate that asks for more is refused before any work starts. Pure. */
import type { Candidate } from "../config/candidate.ts";
import { FulcrumError } from "../errors/index.ts";

/** @throws TRAIN_UNSUPPORTED naming the key and what to set */
export function checkSupported(candidate: Candidate): void {
  const refuse = (key: string, value: string | number, allowed: string | number): never => {
    throw new FulcrumError("TRAIN_UNSUPPORTED", { candidate: candidate.name, key, value, allowed });
  };
  const { augmentation, unfreeze, fineTuning } = candidate;
  if (augmentation !== null) refuse("augmentation", JSON.stringify(augmentation), "null");
  if (unfreeze.layers > 0) refuse("unfreeze.layers", unfreeze.layers, 0);
  if (fineTuning.epochs > 0) refuse("fineTuning.epochs", fineTuning.epochs, 0);
}
