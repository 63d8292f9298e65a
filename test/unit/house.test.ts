/** The house rules that a machine can check: import direction, doors, sizes, words that do not belong. */
import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { projectDir } from "../../src/config/paths.ts";

/** For each folder of src/, the folders that it may import. Every folder may import itself. */
const leaves = ["base", "errors", "records", "config", "policy"];
const allowed: Readonly<Record<string, readonly string[] | "anything">> = {
  base: ["errors"],
  errors: [],
  records: ["base", "errors"],
  config: ["base", "errors"],
  policy: ["base", "errors", "records", "config"],
  engine: ["base", "errors"],
  layers: ["base", "errors", "engine"],
  keras: ["base", "errors", "config", "layers"],
  models: [...leaves, "engine", "layers", "keras"],
  images: leaves,
  data: [...leaves, "images"],
  augment: [...leaves, "images"],
  predict: [...leaves, "engine", "models", "images"],
  train: [...leaves, "engine", "layers", "models", "images", "augment"],
  import: [...leaves, "engine", "layers", "keras", "models"],
  evaluate: [...leaves, "answers", "engine", "layers", "models", "images", "predict"],
  compress: [...leaves, "engine", "models", "images", "predict", "evaluate"],
  tune: [...leaves, "models", "images", "predict", "train", "evaluate"],
  answers: ["base", "errors"],
  serve: [...leaves, "answers", "models", "images", "predict"],
  cluster: ["base", "errors"],
  deploy: [...leaves, "cluster"],
  load: [...leaves, "cluster"],
  monitor: [...leaves, "cluster"],
  report: [...leaves, "evaluate", "images", "load", "monitor"],
  live: leaves,
  pipeline: [
    ...leaves,
    "data",
    "train",
    "import",
    "compress",
    "evaluate",
    "cluster",
    "deploy",
    "load",
    "monitor",
    "report",
    "live",
  ],
  cli: "anything",
};

/** Packages that only the named folders may import. */
const doors: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["engine/runtime"],
  sharp: ["images"],
  koffi: ["images"],
  commander: ["cli"],
  "cli-progress": ["cli"],
  fastify: ["serve", "live"],
  "node:sqlite": ["answers"],
  echarts: ["report"],
  pptxgenjs: ["report"],
  pdfmake: ["report"],
  "tar-stream": ["deploy/image"],
  "xz-decompress": ["deploy/image"],
  "es-module-lexer": ["deploy/image"],
  "@kubernetes/client-node": ["cluster"],
  "h5wasm/node": ["keras/reader"],
};

interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of glob("**/*.ts", { cwd: join(projectDir, "src") })) {
    if (path.endsWith(".d.ts") || path.includes("_pb.")) continue; // generated
    const text = await readFile(join(projectDir, "src", path), "utf8");
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1]!);
    files.push({ path, text, imports });
  }
  return files;
}

const files = await sourceFiles();
const folderOf = (path: string) => path.split("/")[0]!;

test("imports point one way", () => {
  const wrong = files.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith("."))
      .map((name) => relative(join(projectDir, "src"), resolve(projectDir, "src", dirname(path), name)))
      .filter((target) => !target.startsWith("..") && folderOf(target) !== folderOf(path))
      .filter((target) => {
        const rule = allowed[folderOf(path)];
        return rule !== "anything" && !rule?.includes(folderOf(target));
      })
      .map((target) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("each outside system has one door", () => {
  const wrong = files.flatMap(({ path, imports }) =>
    imports
      .filter((name) => doors[name] && !doors[name].some((door) => path.startsWith(`${door}/`)))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test("only cli exits, only cli and config read the environment", () => {
  const outside = files.filter(({ path }) => !path.startsWith("cli/"));
  assert.deepEqual(
    outside.filter(({ text }) => /process\.exit\(/.test(text)).map(({ path }) => path),
    processExitAllowed,
  );
  const readers = outside.filter(({ path, text }) => !path.startsWith("config/") && /process\.env\b/.test(text));
  assert.deepEqual(
    readers.map(({ path }) => path),
    environmentAllowed,
  );
});

/** Sets a variable for native code; reads none. */
const environmentAllowed: readonly string[] = ["engine/runtime/no-telemetry.ts"];

/** Child processes end themselves when their parent is gone; they have no command line above them. */
const processExitAllowed: readonly string[] = [];

test("source files stay under 400 lines", () => {
  assert.deepEqual(
    files.filter(({ text }) => text.split("\n").length > 400).map(({ path }) => path),
    [],
  );
});

test("every source file says what it is in its first lines", () => {
  const silent = files.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path);
  assert.deepEqual(silent, []);
});

test("every folder of src is in ARCHITECTURE.md", async () => {
  const map = await readFile(join(projectDir, "ARCHITECTURE.md"), "utf8");
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))];
  assert.deepEqual(
    folders.filter((folder) => !map.includes(`\`src/${folder}/`)),
    [],
  );
});
