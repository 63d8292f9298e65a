/** The upload page: the files of web/, held in memory, with the headers that keep everything else out of it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { projectDir } from "../config/paths.ts";

export interface PageFile {
  readonly path: string;
  readonly contentType: string;
  readonly content: Buffer;
}

const files = [
  { path: "/", file: "index.html", contentType: "text/html; charset=utf-8" },
  { path: "/page.css", file: "page.css", contentType: "text/css; charset=utf-8" },
  { path: "/page.js", file: "page.js", contentType: "text/javascript; charset=utf-8" },
  { path: "/camera.js", file: "camera.js", contentType: "text/javascript; charset=utf-8" },
  { path: "/icon.svg", file: "icon.svg", contentType: "image/svg+xml" },
] as const;

/** Own script, style and connections, and the preview of the chosen photo (blob:). */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The camera, where the user allows it, and nothing else that a browser could ask for. */
const permissionsPolicy = "camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()";

export function loadPage(): Promise<PageFile[]> {
  return Promise.all(
    files.map(async ({ path, file, contentType }) => {
      return { path, contentType, content: await readFile(join(projectDir, "web", file)) };
    }),
  );
}

export function addPage(app: FastifyInstance, page: readonly PageFile[]): void {
  for (const { path, contentType, content } of page) {
    app.get(path, (_request, reply) =>
      reply
        .header("content-type", contentType)
        .header("content-security-policy", contentSecurityPolicy)
        .header("permissions-policy", permissionsPolicy)
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-cache")
        .send(content),
    );
  }
}
