/** `fulcrum clean`: what runs and caches take on disk, and freeing it. */
import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { cacheDir } from "../../config/paths.ts";
import { defineVerb } from "../verb.ts";

interface Entry {
  readonly kind: "cache" | "run";
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

export const verb = defineVerb({
  summary: "Show what runs and caches take on disk, and free it",
  description:
    "Without flags it only shows. --cache removes what can be made again (features, compiled code, the pinned Node); " +
    "--run NAME removes the records of a run in this folder, --all-runs those of every run.",
  arguments: [],
  options: z.object({
    cache: z.boolean().default(false).describe("Remove the caches"),
    run: z.array(z.string()).default([]).describe("Remove these runs"),
    allRuns: z.boolean().default(false).describe("Remove every run of this folder"),
  }),
  examples: ["fulcrum clean", "fulcrum clean --cache", "fulcrum clean --run food"],
  async run({ options, io }) {
    const entries = [...(await list("cache", cacheDir)), ...(await list("run", resolve("runs")))];
    const isAsked = ({ kind, name }: Entry) =>
      kind === "cache" ? options.cache : options.allRuns || options.run.includes(name);
    const removed = entries.filter(isAsked);
    for (const { path } of removed) await rm(path, { recursive: true, force: true });
    for (const entry of entries) {
      io.print(
        `${entry.kind.padEnd(6)} ${megabytes(entry.bytes).padStart(10)}  ${entry.path}${isAsked(entry) ? "  removed" : ""}`,
      );
    }
    const freedBytes = removed.reduce((sum, { bytes }) => sum + bytes, 0);
    io.print(
      removed.length > 0
        ? `Freed ${megabytes(freedBytes)}.`
        : "Nothing removed. Next: --cache, --run NAME or --all-runs.",
    );
    io.json({ entries, removed: removed.map(({ path }) => path), freedBytes });
    return undefined;
  },
});

async function list(kind: Entry["kind"], dir: string): Promise<Entry[]> {
  const names = await readdir(dir).catch(() => []);
  return Promise.all(
    names.map(async (name) => ({ kind, name, path: join(dir, name), bytes: await sizeOf(join(dir, name)) })),
  );
}

async function sizeOf(path: string): Promise<number> {
  const own = await stat(path).catch(() => undefined);
  if (!own?.isDirectory()) return own?.size ?? 0;
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(file.parentPath, file.name)).then(
        (s) => s.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
