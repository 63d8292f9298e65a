/**
 * h5wasm's runtime asks `process.binding("constants")` for the file system's flags, which a process without rights may
 * not do. Node gives the same numbers openly. Must be imported before h5wasm.
 */
import { constants } from "node:fs";

Object.defineProperty(process, "binding", { value: () => ({ fs: constants }) });
