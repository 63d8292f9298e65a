/** Where the project and its cache are on this machine. */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds `fulcrum`, `src` and `assets`. */
export const projectDir = fileURLToPath(new URL("../..", import.meta.url));

/** Everything that can be made again: the pinned Node, compiled code, features. */
export const cacheDir = process.env.FULCRUM_CACHE ?? join(projectDir, ".cache");

/** Where `docker login` keeps credentials. */
export const dockerConfigDir = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
