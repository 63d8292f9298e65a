/** The accuracy-latency front of what was tried, and its two knees. Pure. */

export interface Point {
  /** Validation accuracy, 0..1. */
  readonly accuracy: number;
  readonly latencyMs: number;
}

/** True if `a` is at least as good in both and better in one. */
function dominates(a: Point, b: Point): boolean {
  if (a.accuracy < b.accuracy || a.latencyMs > b.latencyMs) return false;
  return a.accuracy > b.accuracy || a.latencyMs < b.latencyMs;
}

/** The points that nothing dominates, fastest first; of equal points the first one. */
export function paretoFront<P extends Point>(points: readonly P[]): readonly P[] {
  const isFirstOfEquals = (point: P, i: number) =>
    points.findIndex((one) => one.accuracy === point.accuracy && one.latencyMs === point.latencyMs) === i;
  return points
    .filter((point, i) => !points.some((other) => dominates(other, point)) && isFirstOfEquals(point, i))
    .toSorted((a, b) => a.latencyMs - b.latencyMs);
}

/**
 * All points in the order of their worth for the front: by how many fronts lie before them (Deb's non-dominated
 * sorting), within a front by accuracy.
 */
export function frontOrder<P extends Point>(points: readonly P[]): readonly P[] {
  const order: P[] = [];
  let rest = [...points];
  while (rest.length > 0) {
    const front = rest.filter((point) => !rest.some((other) => dominates(other, point)));
    order.push(...front.toSorted((a, b) => b.accuracy - a.accuracy));
    rest = rest.filter((point) => !front.includes(point));
  }
  return order;
}

/**
 * accuracy: the fastest point that is within one standard error of the most accurate one (Breiman et al. 1984, section
 * 3.4.3: what the photos cannot tell apart is not paid for). latency: the knee below it, the point farthest above the
 * chord from the fastest to the accuracy model, with latency on a logarithmic scale (Satopaa et al. 2011, Kneedle);
 * the fastest, if none lies above the chord.
 * @param front of paretoFront, at least one point
 * @param photos that the accuracies were counted on
 */
export function kneesOf<P extends Point>(front: readonly P[], photos: number): { accuracy: P; latency: P } {
  const best = front.at(-1)!;
  const standardError = Math.sqrt((best.accuracy * (1 - best.accuracy)) / photos);
  const at = front.findIndex(({ accuracy }) => accuracy >= best.accuracy - standardError);
  const accuracy = front[at]!;
  const below = front.slice(0, at);
  if (below.length === 0) return { accuracy, latency: accuracy };
  return { accuracy, latency: knee(below, accuracy) };
}

function knee<P extends Point>(below: readonly P[], end: P): P {
  const start = below[0]!;
  const width = Math.log(end.latencyMs / start.latencyMs);
  const height = end.accuracy - start.accuracy;
  const above = (point: P) =>
    (point.accuracy - start.accuracy) / height - Math.log(point.latencyMs / start.latencyMs) / width;
  return below.reduce((best, point) => (above(point) > above(best) ? point : best));
}
