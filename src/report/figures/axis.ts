/** Axes whose range is chosen for reading: round ends, round ticks, room around the values. Pure. */
import type { Axis } from "./figure.ts";

export interface AxisOptions {
  readonly label: string;
  readonly values: readonly number[];
  /** Begins at zero, whatever the values. */
  readonly fromZero?: boolean;
  /** The range never goes beyond these. */
  readonly floor?: number;
  readonly ceiling?: number;
  /** Share of the values' span that is left free at either end. */
  readonly room?: number;
  readonly isInverted?: boolean;
  /** Ticks are whole numbers. */
  readonly isWhole?: boolean;
}

const wantedTicks = 5;

export function chooseAxis(options: AxisOptions): Axis {
  const { label, fromZero = false, floor = 0, ceiling = Number.POSITIVE_INFINITY, room = 0.05, isInverted } = options;
  const values = options.values.filter(Number.isFinite);
  const [least, most] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  const from = fromZero ? Math.min(0, least) : least;
  const span = most - from || Math.abs(most) * 0.2 || 1;
  const low = fromZero ? from : Math.max(floor, from - room * span);
  const high = Math.min(ceiling, most + room * span);
  const step = roundStep(Math.max(high - low, 1e-12) / wantedTicks, options.isWhole ?? false);
  const min = Math.max(floor, tidy(Math.floor(low / step + 1e-9) * step));
  const max = Math.min(ceiling, tidy(Math.ceil(high / step - 1e-9) * step));
  return { label, min, max: max > min ? max : min + step, step, ...(isInverted && { isInverted }) };
}

/** Whole powers of ten around the values, which are above zero. */
export function chooseLogAxis(label: string, values: readonly number[]): Axis {
  const usable = values.filter((value) => value > 0 && Number.isFinite(value));
  const [least, most] = usable.length === 0 ? [1, 10] : [Math.min(...usable), Math.max(...usable)];
  const min = 10 ** Math.floor(Math.log10(least));
  const max = 10 ** Math.ceil(Math.log10(most) + 1e-9);
  return { label, min, max: max > min ? max : min * 10, step: 10, isLog: true };
}

/** The least of 1, 2, 2.5, 5 times a power of ten that is not below `atLeast`. */
function roundStep(atLeast: number, isWhole: boolean): number {
  if (isWhole && atLeast <= 1) return 1;
  const unit = 10 ** Math.floor(Math.log10(atLeast));
  const steps = (isWhole && unit < 10 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map((factor) => factor * unit);
  return tidy(steps.find((step) => step >= atLeast * (1 - 1e-9))!);
}

/** Without the last digits' noise of binary fractions. */
const tidy = (value: number) => Number(value.toPrecision(12));

/** Ticks from the least to the greatest. */
export function ticksOf({ min, max, step, isLog }: Axis): number[] {
  const count = isLog ? Math.round(Math.log10(max / min)) : Math.floor((max - min) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => (isLog ? min * 10 ** i : tidy(min + i * step)));
}

/** Where a value lies on the axis: 0 at its beginning (left, bottom), 1 at its end. */
export function positionOn({ min, max, isInverted, isLog }: Axis, value: number): number {
  const share = isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return isInverted ? 1 - share : share;
}
