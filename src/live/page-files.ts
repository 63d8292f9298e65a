/**
 * The page's files as the browser gets them. Its code is TypeScript like everything else: types are stripped when the
 * dashboard starts, so there is no build step, and the page shares state.ts with the server.
 */
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { projectDir } from "../config/paths.ts";

export interface PageFile {
  readonly path: string;
  readonly contentType: string;
  readonly content: string;
}

/** Addresses are the paths in the project, so that relative imports hold. */
const scripts = [
  "src/live/state.ts",
  "web/dashboard/main.ts",
  "web/dashboard/dom.ts",
  "web/dashboard/plot.ts",
  "web/dashboard/stages.ts",
  "web/dashboard/curves.ts",
  "web/dashboard/platform.ts",
  "web/dashboard/traffic.ts",
];

const types = { html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" } as const;

export async function loadPageFiles(): Promise<PageFile[]> {
  return Promise.all([
    plain("/", "web/dashboard/index.html", types.html),
    plain("/dashboard.css", "web/dashboard/dashboard.css", types.css),
    plain("/icon.svg", "web/icon.svg", types.svg),
    ...scripts.map(async (path) => ({
      path: `/${path}`,
      contentType: "text/javascript; charset=utf-8",
      content: stripTypeScriptTypes(await readFile(join(projectDir, path), "utf8")),
    })),
  ]);
}

async function plain(path: string, file: string, contentType: string): Promise<PageFile> {
  return { path, contentType, content: await readFile(join(projectDir, file), "utf8") };
}

/** Own script, style and connections, nothing else; positions in the plots are attributes, not styles. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
