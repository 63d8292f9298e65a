/** The layer of node_modules: the packages that the program imports and theirs, without what never runs. */
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { readText } from "../../base/files.ts";
import { projectDir } from "../../config/paths.ts";
import { applicationDir } from "./application.ts";
import { type PackageLock, reduceLock } from "./closure.ts";
import { type LayerEntry, plainMode } from "./layer-entry.ts";
import { type InstallOptions, installLocked } from "./npm.ts";
import { type Architecture, npmCpu } from "./platform.ts";

/**
 * @param packages names that the program imports
 * @throws IMAGE_NPM_FAILED
 */
export async function dependencyEntries(packages: readonly string[], options: InstallOptions): Promise<LayerEntry[]> {
  const lock = JSON.parse(await readText(join(projectDir, "package-lock.json"))) as PackageLock;
  const dir = await installLocked(reduceLock(lock, packages), options);
  const entries: LayerEntry[] = [];
  for await (const found of glob("**/*", { cwd: dir, withFileTypes: true })) {
    const source = join(found.parentPath, found.name);
    const path = source.slice(dir.length + 1).replaceAll("\\", "/");
    if (!found.isFile() || !isNeeded(path, options.architecture)) continue;
    const target = `${applicationDir}/node_modules/${path}`;
    entries.push({ kind: "file", path: target, mode: plainMode, content: { source } });
  }
  return entries;
}

/** Never read at run time: types, source maps, documents, sources of native code, other systems' binaries. */
const neverRead = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|h|hpp|c|cc|cpp|gyp|gypi|lib|pdb|dll|dylib)$/i;
/** Only right below a package: yaml keeps its program in dist/doc. */
const developerFolders =
  /(^|\/node_modules\/)(@[^/]+\/)?[^/]+\/(test|tests|__tests__|docs?|benchmarks?|examples?|\.github|script)\//;
const licence = /(^|\/)(licen[cs]e|copying|notice|third-?party)[^/]*$/i;

/** `path` is relative to node_modules. */
export function isNeeded(path: string, architecture: Architecture): boolean {
  if (path.startsWith(".")) return false;
  if (licence.test(path)) return true;
  const runtime = /^onnxruntime-node\/bin\/[^/]+\/([^/]+\/[^/]+)\//.exec(path);
  if (runtime) return runtime[1] === `linux/${npmCpu[architecture]}`;
  const prebuilt = /^@julusian\/jpeg-turbo\/prebuilds\/([^/]+)\//.exec(path);
  if (prebuilt) return prebuilt[1] === `jpeg-turbo-linux-${npmCpu[architecture]}`;
  return !neverRead.test(path) && !developerFolders.test(path);
}
