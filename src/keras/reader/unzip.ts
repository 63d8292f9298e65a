/** Takes the parts of a `.keras` file, a zip, that are needed. Sizes are bounded before anything is unpacked. Pure. */
import { unzipSync } from "fflate";
import { Refusal } from "./hdf5.ts";

export interface KerasParts {
  readonly config: string;
  /** Keras' version, as the file says; null where it does not. */
  readonly metadata: string | null;
  /** An HDF5 file; null for a model without weights. */
  readonly weights: Uint8Array | null;
}

/** Of config.json. The largest of keras.applications has 2 MB. */
const maximumTextBytes = 64 * 2 ** 20;
const weightsName = "model.weights.h5";
const texts = ["config.json", "metadata.json"];

/**
 * @param limits.unpackedBytes most that the weights may have
 * @throws Refusal
 */
export function unzipKeras(bytes: Uint8Array, limits: { readonly unpackedBytes: number }): KerasParts {
  const sizes = new Map<string, number>();
  const parts = unzipped(bytes, ({ name, originalSize }) => {
    if (name !== weightsName && !texts.includes(name)) return false;
    const most = name === weightsName ? limits.unpackedBytes : maximumTextBytes;
    if (originalSize > most)
      throw new Refusal(`${name} claims ${originalSize} bytes unpacked, at most ${most} are taken`);
    if (sizes.has(name)) throw new Refusal(`it holds ${name} twice`);
    sizes.set(name, originalSize);
    return true;
  });
  for (const [name, size] of sizes) {
    if (parts[name]?.length !== size) throw new Refusal(`${name} is not as long as the zip claims`);
  }
  const config = parts["config.json"];
  if (!config) throw new Refusal("it holds no config.json, so it is no Keras model");
  const metadata = parts["metadata.json"];
  return {
    config: text("config.json", config),
    metadata: metadata ? text("metadata.json", metadata) : null,
    weights: parts[weightsName] ?? null,
  };
}

type Filter = NonNullable<NonNullable<Parameters<typeof unzipSync>[1]>["filter"]>;

function unzipped(bytes: Uint8Array, filter: Filter): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(`its zip cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function text(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(`${name} is not text`);
  }
}
