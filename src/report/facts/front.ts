/** The front: what no other choice beats in every respect. Pure. */

/** True where `a` is as good as `b` in every value and better in one; all values: smaller is better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value <= b[i]!) && a.some((value, i) => value < b[i]!);
}

/** The items that no other item dominates. */
export function frontOf<Item>(items: readonly Item[], valuesOf: (item: Item) => readonly number[]): Item[] {
  return items.filter((item) => !items.some((other) => dominates(valuesOf(other), valuesOf(item))));
}
