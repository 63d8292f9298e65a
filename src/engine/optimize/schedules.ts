/** Learning-rate schedules: the rate of a step as a function of where training is. Pure. */

export type Schedule =
  | { readonly kind: "constant" }
  /** Half a cosine from the rate to rate * floor (Loshchilov & Hutter 2017), after a linear rise. */
  | { readonly kind: "cosine"; readonly warmupEpochs: number; readonly floor: number }
  /** Times `factor` after `patience` epochs without a lower validation loss: Keras' ReduceLROnPlateau, cooldown 0. */
  | {
      readonly kind: "plateau";
      readonly factor: number;
      readonly patience: number;
      readonly minimumDelta: number;
      readonly minimumRate: number;
    };

export interface ScheduleState {
  /** Epochs done, with the part of the current one: 2.5 is the middle of the third. */
  readonly epochsDone: number;
  readonly epochs: number;
  /** Of the whole epochs done, in order. */
  readonly validationLosses: readonly number[];
}

/** The learning rate of the next step. @param rate the rate to start from */
export function learningRateAt(schedule: Schedule, rate: number, state: ScheduleState): number {
  if (schedule.kind === "constant") return rate;
  if (schedule.kind === "plateau") return plateauRate(schedule, rate, state.validationLosses);
  const { warmupEpochs, floor } = schedule;
  const { epochsDone, epochs } = state;
  if (epochsDone < warmupEpochs) return (rate * epochsDone) / warmupEpochs;
  const progress = Math.min((epochsDone - warmupEpochs) / Math.max(epochs - warmupEpochs, 1e-9), 1);
  return rate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
}

function plateauRate(
  { factor, patience, minimumDelta, minimumRate }: Extract<Schedule, { kind: "plateau" }>,
  rate: number,
  losses: readonly number[],
): number {
  let current = rate;
  let best = Number.POSITIVE_INFINITY;
  let wait = 0;
  for (const loss of losses) {
    if (loss < best - minimumDelta) {
      best = loss;
      wait = 0;
    } else if (++wait >= patience) {
      current = Math.max(current * factor, minimumRate);
      wait = 0;
    }
  }
  return current;
}
