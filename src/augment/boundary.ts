/** Positions outside of a picture, as scipy.ndimage maps them (map_coordinate in ni_interpolation.c, SciPy 1.13). Pure. */

export type Fill = "nearest" | "constant" | "reflect" | "wrap";

/**
 * The position that stands for `position` on an axis of `length` pixels; -1 where mode constant fills.
 * reflect: the edge pixel is repeated (d c b a | a b c d). wrap: period length - 1, as SciPy's `wrap`.
 */
export function mapPosition(position: number, length: number, fill: Fill): number {
  const last = length - 1;
  if (position >= 0 && position <= last) return position;
  if (fill === "constant") return -1;
  if (fill === "nearest") return position < 0 ? 0 : last;
  if (length <= 1) return 0;
  return fill === "reflect" ? reflect(position, length) : wrap(position, last);
}

function reflect(position: number, length: number): number {
  const period = 2 * length;
  if (position < 0) {
    const within = position < -period ? period * Math.trunc(-position / period) + position : position;
    if (within < -length) return within + period;
    return (within > -1e-15 ? 1e-15 : -within) - 1;
  }
  const within = position - period * Math.trunc(position / period);
  return within >= length ? period - within - 1 : within;
}

function wrap(position: number, period: number): number {
  if (position < 0) return position + period * (Math.trunc(-position / period) + 1);
  return position - period * Math.trunc(position / period);
}

/** The pixel that stands for index `index`, which interpolation reads beside an edge: there constant and wrap mirror. */
export function mapIndex(index: number, length: number, fill: Fill): number {
  if (index >= 0 && index < length) return index;
  if (fill === "nearest" || fill === "reflect") return mapPosition(index, length, fill);
  if (length <= 1) return 0;
  const period = 2 * length - 2;
  const within = Math.abs(index) % period;
  return within >= length ? period - within : within;
}
