/** Reference data outside of the repository: goldens and photos. Tests that need it skip with a reason where it is missing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../src/config/paths.ts";

/** Path of a file or folder below `../shared`. */
export function sharedFile(path: string): string {
  return join(projectDir, "../shared", path);
}

/** For a test's `skip`: false where the path is there, else the reason. */
export function sharedMissing(path: string): string | false {
  return existsSync(sharedFile(path)) ? false : `needs ../shared/${path}, which is missing here`;
}
