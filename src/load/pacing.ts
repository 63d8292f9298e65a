/** When requests are due: functions of the elapsed time and a random number. Pure; the sleeping is in the loops. */

/**
 * Seconds that a user of siege 4.0.7 pauses after a request.
 *
 *   DELAY >= 1:      floor(u * DELAY + 0.5)    whole seconds: 0 and DELAY come half as often as those between
 *   0.001 <= DELAY:  u * DELAY
 *   below:           0
 *
 * @param delaySeconds DELAY, siege's -d
 * @param u uniform in [0, 1)
 */
export function siegePauseSeconds(delaySeconds: number, u: number): number {
  if (delaySeconds >= 1) return Math.floor(u * delaySeconds + 0.5);
  return delaySeconds >= 0.001 ? u * delaySeconds : 0;
}

/** Open loop: when hit `index` (from 0) is due, in milliseconds after the start. */
export function dueMs(index: number, ratePerSecond: number): number {
  return (index * 1000) / ratePerSecond;
}

/** Open loop: how many hits are due by `elapsedMs`, of the `total` of the run. */
export function dueCount(elapsedMs: number, ratePerSecond: number, total: number): number {
  let count = Math.max(0, Math.floor((elapsedMs * ratePerSecond) / 1000));
  while (dueMs(count, ratePerSecond) <= elapsedMs) count++;
  return Math.min(count, total);
}

/** Open loop: hits of a run, the last one due before its end. */
export function totalHits(durationMs: number, ratePerSecond: number): number {
  let count = Math.floor((durationMs * ratePerSecond) / 1000);
  while (dueMs(count, ratePerSecond) < durationMs) count++;
  return count;
}
