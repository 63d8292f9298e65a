/** Small pieces of HTML. Pure; every text goes through `escapeHtml`. */
import type { Table } from "../tables/table.ts";
import { isDifferent } from "../tables/table.ts";

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** A table; rows whose compared values differ are marked. */
export function table(shown: Table): string {
  const head = shown.header.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = shown.rows.map((row) => {
    const [first = "", ...rest] = row.map(escapeHtml);
    const marked = isDifferent(row, shown) ? ' class="differs"' : "";
    return `<tr${marked}><th scope="row">${first}</th>${rest.map((text) => `<td>${text}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

export function section(number: string, title: string, ...content: readonly string[]): string {
  return `<section><h2>${escapeHtml(`${number} ${title}`)}</h2>${content.join("\n")}</section>`;
}

export const heading = (text: string): string => `<h3>${escapeHtml(text)}</h3>`;

/** What a figure or table was measured on. */
export function basis(text: string): string {
  return text === "" ? "" : `<p class="basis">${escapeHtml(text)}</p>`;
}

export function paragraph(text: string, style = ""): string {
  return `<p${style ? ` class="${style}"` : ""}>${escapeHtml(text)}</p>`;
}

export function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}

/** Side by side where there is room. */
export function grid(items: readonly string[]): string {
  return items.length === 0 ? "" : `<div class="grid">${items.join("")}</div>`;
}

/** A link to a file beside the page. */
export function fileLink(path: string): string {
  const href = path.split("/").map(encodeURIComponent).join("/");
  return `<a href="${escapeHtml(href)}">${escapeHtml(path)}</a>`;
}

/** A picture that lies in the page itself. */
export function jpegImage(bytes: Uint8Array, alt: string): string {
  return `<img alt="${escapeHtml(alt)}" src="data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}">`;
}

/** What a section says where its records are not there. */
export function missing(what: string, command: string): string {
  return `<p class="missing">${escapeHtml(what)} was not measured in this run. <code>${escapeHtml(command)}</code> makes it.</p>`;
}
