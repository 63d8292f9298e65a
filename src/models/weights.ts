/** Loads the embedded weights of a base: the file's hash is checked before a byte of it is used. */
import { readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { FulcrumError } from "../errors/index.ts";
import { parseSafetensors, type Weights } from "../layers/index.ts";
import type { AvailableBase } from "./bases.ts";
import { litePortWeights } from "./lite-port.ts";

/** Weights by `LAYER/WEIGHT`. @throws FILE_UNREADABLE, MODEL_WEIGHTS_INVALID */
export async function loadWeights({ weights: { path, sha256: expected } }: AvailableBase): Promise<Weights> {
  const bytes = await readBytes(path);
  const found = sha256(bytes);
  if (found !== expected) {
    throw new FulcrumError("MODEL_WEIGHTS_INVALID", { path, problem: `its SHA-256 is ${found}, not ${expected}` });
  }
  return litePortWeights(parseSafetensors(bytes, path));
}
