/** The layer of Node: the program of the pinned npm package that ./fulcrum itself can bring, and its licence. */
import { join } from "node:path";
import { readBytes } from "../../base/files.ts";
import { projectDir } from "../../config/paths.ts";
import type { PackageLock } from "./closure.ts";
import { type LayerEntry, plainMode, programMode } from "./layer-entry.ts";
import { type InstallOptions, installLocked } from "./npm.ts";
import { npmCpu } from "./platform.ts";

export const nodePath = "usr/local/bin/node";

/** @throws IMAGE_NPM_FAILED */
export async function nodeEntries(options: InstallOptions): Promise<LayerEntry[]> {
  const text = (await readBytes(join(projectDir, "tools", "node", "package-lock.json"))).toString("utf8");
  const { packages } = JSON.parse(text) as PackageLock;
  const name = `node-linux-${npmCpu[options.architecture]}`;
  const place = `node_modules/${name}`;
  const locked = packages[place]!;
  // Optional, because npm refuses another processor's package otherwise, whatever --cpu says.
  const optionalDependencies = { [name]: String(locked.version) };
  const manifest = { name: "fulcrum-image-node", version: "0.0.0", dependencies: {}, optionalDependencies };
  const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest, [place]: locked } };
  const dir = join(await installLocked({ manifest, lock }, options), name);
  return [
    { kind: "file", path: nodePath, mode: programMode, content: { source: join(dir, "bin", "node") } },
    {
      kind: "file",
      path: "usr/share/doc/node/copyright",
      mode: plainMode,
      content: { source: join(dir, "LICENSE") },
    },
  ];
}
