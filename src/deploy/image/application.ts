/**
 * The program of the image: this project as emitted JavaScript, only the modules that the container's entry points
 * reach, with the files that they read. What they import from packages is what the image needs of node_modules.
 */
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { init, parse } from "es-module-lexer";
import manifest from "../../../package.json" with { type: "json" };
import { writeJsonAtomic } from "../../base/files.ts";
import { projectDir } from "../../config/paths.ts";
import { FulcrumError } from "../../errors/index.ts";
import { type LayerEntry, plainMode } from "./layer-entry.ts";
import { runProgram } from "./run-program.ts";

/** Where the program is in the image. */
export const applicationDir = "app";
/** What a container runs, and what that starts as a process of its own; each with its imports. */
export const entryPoints = ["src/cli/container.ts", "src/serve/worker.ts"] as const;
/** Read at run time. The base models are not: a model file holds all that serving needs. */
const dataFiles = ["assets/*.*", "web/**/*.*", "LICENSE"];

export interface Application {
  readonly entries: readonly LayerEntry[];
  /** Packages that the program imports, in order. */
  readonly packages: readonly string[];
}

/** @throws IMAGE_COMPILE_FAILED */
export async function buildApplication(signal?: AbortSignal): Promise<Application> {
  const outDir = await mkdtemp(join(tmpdir(), "fulcrum-image-"));
  try {
    await emit(outDir, signal);
    const modules = await reachableModules(outDir);
    const code = modules.files.map(({ path, text }) => file(path, new TextEncoder().encode(text)));
    const folders = new Set(modules.files.map(({ path }) => dirname(path)));
    const data = [...dataFiles, ...[...folders].map((folder) => `${folder}/*.wasm`)];
    const read: LayerEntry[] = [];
    for await (const path of glob(data, { cwd: projectDir })) {
      read.push(file(path, await readFile(join(projectDir, path))));
    }
    return { entries: [...code, ...read], packages: modules.packages };
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

function file(path: string, bytes: Uint8Array): LayerEntry {
  return { kind: "file", path: `${applicationDir}/${path}`, mode: plainMode, content: { bytes } };
}

/** TypeScript's own compiler; types are checked elsewhere. */
async function emit(outDir: string, signal: AbortSignal | undefined): Promise<void> {
  const settings = join(outDir, "tsconfig.json");
  await writeJsonAtomic(settings, {
    extends: join(projectDir, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      noCheck: true,
      outDir,
      rootDir: projectDir,
      removeComments: true,
      typeRoots: [join(projectDir, "node_modules", "@types")],
    },
    include: [],
    files: entryPoints.map((path) => join(projectDir, path)),
  });
  const compiler = join(projectDir, "node_modules", "typescript", "bin", "tsc");
  const { stdout, stderr, problem } = await runProgram(process.execPath, [compiler, "-p", settings], { signal });
  if (problem === undefined) return;
  const details = `${stdout}\n${stderr}`.trim().split("\n").slice(0, 5).join("; ");
  throw new FulcrumError("IMAGE_COMPILE_FAILED", { problem: `${problem}: ${details}` });
}

interface ReachedModules {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly packages: readonly string[];
}

/** Follows the imports, also the late ones, from the entry points; `path` is relative to `outDir`. */
async function reachableModules(outDir: string): Promise<ReachedModules> {
  await init();
  const texts = new Map<string, string>();
  const packages = new Set<string>();
  const declared = Object.keys(manifest.dependencies);
  const queue = entryPoints.map((path) => resolve(outDir, path.replace(/\.ts$/, ".js")));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (texts.has(path)) continue;
    const text = await readFile(path, "utf8");
    texts.set(path, text);
    if (!path.endsWith(".js")) continue;
    for (const name of declared) if (names(text, name)) packages.add(name);
    for (const found of parse(text, path)[0]) {
      const name = found.type === "import-meta" ? undefined : found.specifier;
      if (name === undefined || name.startsWith("node:")) continue;
      if (name.startsWith(".")) queue.push(resolve(dirname(path), name));
      else packages.add(packageOf(name));
    }
  }
  const files = [...texts].map(([path, text]) => ({ path: relative(outDir, path), text }));
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), packages: [...packages].sort() };
}

/** A package may also be found by `require.resolve("name/file")`, which is no import. */
function names(text: string, packageName: string): boolean {
  return text.includes(`"${packageName}"`) || text.includes(`"${packageName}/`);
}

/** "@scope/name/part" -> "@scope/name". */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
