/** Preloaded by a test (`node --import`): lists every package that the process loads, at its end, on standard error. */
import { registerHooks } from "node:module";

const loaded = new Set<string>();

registerHooks({
  resolve(specifier, context, next) {
    const result = next(specifier, context);
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(result.url)?.[1];
    if (name) loaded.add(name);
    return result;
  },
});

process.on("exit", () => process.stderr.write(`\nloaded: ${[...loaded].join(" ")}\n`));
