/** The comparison of runs as a page and as text. Pure. */
import { escapeHtml, heading, list, paragraph, table } from "../page/html.ts";
import { wrapPage } from "../page/wrap.ts";
import { isDifferent, type Table } from "../tables/table.ts";
import type { RunComparison } from "./compare.ts";

export function renderComparePage(names: readonly string[], { tables, paired, warnings }: RunComparison): string {
  const title = `${names.join(" | ")}: runs side by side`;
  const body = [
    `<header><h1>${escapeHtml(title)}</h1></header><main>`,
    ...warnings.map((text) => paragraph(text, "synthetic")),
    ...tables.map((one) => `<section>${heading(one.candidate)}${table(one.table)}</section>`),
    paired.length > 0 ? heading("On the same photos") + list(paired) : "",
    paragraph(
      "Marked rows differ. One run each: times and rates have no interval; accuracies have one of 95 %.",
      "basis",
    ),
    "</main>",
  ];
  return wrapPage(`fulcrum compare: ${names.join(", ")}`, body.join("\n"));
}

/** Columns of text; rows that differ begin with an asterisk. */
export function renderCompareText({ tables, paired, warnings }: RunComparison): string {
  const parts = [
    ...warnings.map((text) => `! ${text}`),
    ...tables.map(({ candidate, table: shown }) => `${candidate}\n${textTable(shown)}`),
    ...(paired.length > 0 ? [paired.join("\n")] : []),
  ];
  return parts.join("\n\n");
}

function textTable(shown: Table): string {
  const rows = [shown.header, ...shown.rows].map((row, i) => {
    const [first = "", ...rest] = row;
    return [`${i > 0 && isDifferent(row, shown) ? "*" : " "} ${first}`, ...rest];
  });
  const widths = shown.header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
