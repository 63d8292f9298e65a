/**
 * Order and random changes of an epoch's photos, as Keras' iterators with a seed draw them (NumpyArrayIterator,
 * DirectoryIterator of Keras 2.14): before each batch the generator is seeded anew with seed + batches seen, so every
 * batch can be planned by itself, by any worker, in any order. Pure.
 */
import type { Augmentation } from "../config/candidate.ts";
import { NumpyRandom } from "./numpy-random.ts";
import { drawTransform, neutralTransform, type Transform } from "./transform.ts";

export interface FlowOptions {
  /** Any whole number from 0. */
  readonly seed: number;
  /** Photos of the epoch. */
  readonly count: number;
  readonly batchSize: number;
  /** null: only the order is drawn. */
  readonly augmentation: Augmentation | null;
  /** Side of the pictures, pixels. */
  readonly size: number;
}

/** A photo's place in an epoch. */
export interface FlowItem {
  /** Index of the photo, 0..count - 1. */
  readonly index: number;
  readonly transform: Transform;
}

/** The batches of an epoch in order; the last one is smaller where the photos do not divide. @param epoch from 0 */
export function planEpoch({ seed, count, batchSize, augmentation, size }: FlowOptions, epoch: number): FlowItem[][] {
  const batches = Math.ceil(count / batchSize);
  let order: readonly number[] = [];
  return Array.from({ length: batches }, (_, batch) => {
    const random = new NumpyRandom((seed + epoch * batches + batch) % 2 ** 32);
    if (batch === 0) order = random.permutation(count);
    return order.slice(batch * batchSize, (batch + 1) * batchSize).map((index) => {
      const transform = augmentation
        ? drawTransform(augmentation, { height: size, width: size }, random)
        : neutralTransform;
      return { index, transform };
    });
  });
}
