/** Compiles src/images/wasm/resample.as (AssemblyScript) to the module that the repository holds. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { projectDir } from "../src/config/paths.ts";

const folder = join(projectDir, "src/images/wasm");
/** The compiler wants a name that ends in .ts; the file is called .as because it is no TypeScript. */
const entry = "resample.ts";
const bytesALine = 84;

/** Path of the generated file, relative to the project, and its text. */
export async function compiledWasm(): Promise<{ readonly path: string; readonly text: string }> {
  const source = await readFile(join(folder, "resample.as"), "utf8");
  let binary: Uint8Array | undefined;
  const flags = [entry, "--outFile", "out.wasm", "-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
  const { error, stderr } = await asc.main(flags, {
    readFile: (name) => (name === entry ? source : null),
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`resample.as does not compile: ${stderr.toString()}`, { cause: error });
  return { path: "src/images/wasm/resample-module.ts", text: render(binary) };
}

function render(binary: Uint8Array): string {
  const text = Buffer.from(binary).toString("base64");
  const lines = text.match(new RegExp(`.{1,${bytesALine}}`, "g")) ?? [];
  return [
    `/** Generated from resample.as by \`node tools/wasm.ts\` (AssemblyScript ${asc.version}): do not edit. */`,
    "",
    "/** The WebAssembly module, base64. */",
    "export const resampleModule =",
    lines.map((line) => `  "${line}"`).join(" +\n"),
  ]
    .join("\n")
    .concat(";\n");
}
