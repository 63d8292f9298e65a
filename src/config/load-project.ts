/** Reads the project file from disk. */

import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readText } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { parseOverride, parseProject } from "./parse.ts";
import type { Project } from "./project.ts";

export interface LoadedProject {
  readonly project: Project;
  /** Absolute path of the project file. */
  readonly path: string;
  /** Absolute folder of photos. */
  readonly dataDir: string;
  /** Absolute folder of the run's records: runs/NAME beside the project file. */
  readonly runDir: string;
}

/** @throws CONFIG_MISSING, CONFIG_INVALID */
export async function loadProject(path: string, overrides: readonly string[] = []): Promise<LoadedProject> {
  const absolute = resolve(path);
  await access(absolute).catch((cause: unknown) => {
    throw new FulcrumError("CONFIG_MISSING", { path }, { cause });
  });
  const project = parseProject(await readText(absolute), path, overrides.map(parseOverride));
  const dir = dirname(absolute);
  return {
    project,
    path: absolute,
    dataDir: resolve(dir, project.data.dir),
    runDir: resolve(dir, "runs", project.name),
  };
}
