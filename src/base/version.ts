/** fulcrum's own version, from package.json. */
import manifest from "../../package.json" with { type: "json" };

export const fulcrumVersion: string = manifest.version;
