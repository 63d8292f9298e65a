/** Which training photos calibrate: as many of each class as possible, drawn from the seed. Pure. */
import type { Rng } from "../../base/rng.ts";
import type { Photo } from "../../records/dataset.ts";

/** At most `count` photos, one class after the other in turns. */
export function calibrationPhotos(training: readonly Photo[], count: number, rng: Rng): readonly Photo[] {
  const byClass = Object.entries(Object.groupBy(training, ({ label }) => label)).map(([label, photos]) =>
    rng.fork(label).shuffle(photos!),
  );
  const rounds = Math.max(0, ...byClass.map((photos) => photos.length));
  return Array.from({ length: rounds }, (_, i) => byClass.flatMap((photos) => photos.slice(i, i + 1)))
    .flat()
    .slice(0, count);
}
