/** Where the project and its cache are on this machine. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds `fulcrum`, `src` and `assets`. */
export const projectDir = fileURLToPath(new URL("../..", import.meta.url));

/** Everything that can be made again: the pinned Node, compiled code, features. */
export const cacheDir = process.env.FULCRUM_CACHE ?? join(projectDir, ".cache");
