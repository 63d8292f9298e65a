/** The frame of a page of ours: style, script, and a policy that forbids everything else. Pure. */
import { createHash } from "node:crypto";
import { escapeHtml } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/** Nothing is loaded, and only this script runs, whatever got into a text. */
export function wrapPage(title: string, body: string): string {
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'`;
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head>`,
    `<body>${body}<script>${script}</script></body></html>\n`,
  ].join("");
}
