/** Compiles the AssemblyScript files of src/ to the WebAssembly modules that the repository holds. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { projectDir } from "../src/config/paths.ts";

/** Where a NAME.as lies; its module is NAME-module.ts beside it, which exports NAMEModule. */
export const wasmSources = ["src/images/wasm/resample", "src/augment/wasm/canvas", "src/engine/optimize/wasm/updates"];
/** The compiler wants a name that ends in .ts; the files are called .as because they are no TypeScript. */
const entry = "entry.ts";
const bytesALine = 84;

/** Path of a generated file, relative to the project, and its text. @param source one of `wasmSources` */
export async function compiledWasm(source: string): Promise<{ readonly path: string; readonly text: string }> {
  const code = await readFile(join(projectDir, `${source}.as`), "utf8");
  let binary: Uint8Array | undefined;
  const flags = [entry, "--outFile", "out.wasm", "-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
  const { error, stderr } = await asc.main(flags, {
    readFile: (name) => (name === entry ? code : null),
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${source}.as does not compile: ${stderr.toString()}`, { cause: error });
  const name = source.slice(source.lastIndexOf("/") + 1);
  return { path: `${source}-module.ts`, text: render(name, binary) };
}

function render(name: string, binary: Uint8Array): string {
  const text = Buffer.from(binary).toString("base64");
  const lines = text.match(new RegExp(`.{1,${bytesALine}}`, "g")) ?? [];
  return [
    `/** Generated from ${name}.as by \`node tools/wasm.ts\` (AssemblyScript ${asc.version}): do not edit. */`,
    "",
    "/** The WebAssembly module, base64. */",
    `export const ${name}Module =`,
    lines.map((line) => `  "${line}"`).join(" +\n"),
  ]
    .join("\n")
    .concat(";\n");
}
