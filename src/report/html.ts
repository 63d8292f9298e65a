/** Small pieces of HTML. Pure; every text goes through `escapeHtml`. */

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

/** A table; rows whose first `comparedColumns` values differ are marked. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], comparedColumns = 0): string {
  const head = header.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = rows.map((row) => {
    const differs = new Set(row.slice(1, 1 + comparedColumns)).size > 1;
    const [first = "", ...rest] = row.map(escapeHtml);
    return `<tr${differs ? ' class="differs"' : ""}><th scope="row">${first}</th>${rest.map((text) => `<td>${text}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

export function section(number: string, title: string, ...content: readonly string[]): string {
  return `<section><h2>${escapeHtml(`${number} ${title}`)}</h2>${content.join("\n")}</section>`;
}

/** What a figure or table was measured on. */
export function basis(text: string): string {
  return `<p class="basis">${escapeHtml(text)}</p>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

export function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}

/** A figure with its data behind it. */
export function figure(svg: string, label: string, data: string): string {
  return `<figure role="group" aria-label="${escapeHtml(label)}">${svg}<details><summary>${escapeHtml(label)}: data</summary>${data}</details></figure>`;
}

/** What a section says where its records are not there. */
export function missing(what: string, command: string): string {
  return `<p class="missing">${escapeHtml(what)} was not measured in this run. <code>${escapeHtml(command)}</code> makes it.</p>`;
}
