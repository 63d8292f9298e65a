/** Tables as data: shown on the page and on slides. Pure. */

export interface Table {
  readonly header: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
  /** Rows whose first so many values differ are marked; 0: none is. */
  readonly comparedColumns: number;
}

export function isDifferent(row: readonly string[], { comparedColumns }: Table): boolean {
  return new Set(row.slice(1, 1 + comparedColumns)).size > 1;
}

/** Items as columns, labels as rows. */
export function columnTable<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  rows: readonly (readonly [label: string, readValue: (item: Item) => string])[],
  comparedColumns = 0,
): Table {
  return {
    header: ["", ...items.map(nameOf)],
    rows: rows.map(([label, readValue]) => [label, ...items.map(readValue)]),
    comparedColumns: Math.min(comparedColumns, items.length),
  };
}
