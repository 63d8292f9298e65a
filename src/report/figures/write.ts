/** Writes every figure as SVG and PNG with its numbers as CSV. */
import { join } from "node:path";
import { writeFileAtomic } from "../../base/files.ts";
import { rasterizeSvg } from "../../images/index.ts";
import type { Figure } from "./figure.ts";
import { renderSvg } from "./svg.ts";
import { renderCsv, tableOf } from "./table.ts";

/** Pixels of the PNG for one of the SVG: sharp on a page and on a screen. */
const scale = 2;

/** @returns paths, three a figure */
export async function writeFigures(figures: readonly Figure[], dir: string, signal?: AbortSignal): Promise<string[]> {
  const paths: string[] = [];
  for (const figure of figures) {
    signal?.throwIfAborted();
    const svg = renderSvg(figure);
    const files: [string, string | Uint8Array][] = [
      ["svg", svg],
      ["png", await rasterizeSvg(svg, scale)],
      ["csv", renderCsv(tableOf(figure))],
    ];
    for (const [ending, content] of files) {
      const path = join(dir, `${figure.id}.${ending}`);
      await writeFileAtomic(path, content);
      paths.push(path);
    }
  }
  return paths;
}
