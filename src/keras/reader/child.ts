/**
 * The reading process: takes a job from standard input, writes the file's tensors and names to standard output. It is
 * started with bounded memory and without rights to other files (read-container.ts), and may be killed at any time.
 */
import { once } from "node:events";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { type Hdf5Contents, Refusal, readHdf5, type StoredTensor } from "./hdf5.ts";
import { type Contents, type ReadJob, refusedExitCode } from "./protocol.ts";
import { unzipKeras } from "./unzip.ts";

const hdf5Signature = "\x89HDF\r\n\x1a\n";
const zipSignature = "PK\x03\x04";

interface Loaded {
  readonly contents: Contents;
  readonly tensors: readonly StoredTensor[];
}

async function load(job: ReadJob): Promise<Loaded> {
  const start = await firstBytes(job.path, hdf5Signature.length);
  if (start === hdf5Signature) return loadH5(job);
  if (start.startsWith(zipSignature)) return loadKeras(job);
  const next = job.path.endsWith(".onnx")
    ? ". An ONNX file of fulcrum can only be trained further (model.use: base); else name the Keras file that it was made from"
    : "";
  throw new Refusal(`it is neither an HDF5 file (.h5) nor a Keras archive (.keras)${next}`);
}

async function loadH5({ path, limits }: ReadJob): Promise<Loaded> {
  const { tensors, attributes } = await readHdf5(path, { tensorBytes: limits.unpackedBytes });
  const root = attributes[""] ?? {};
  const text = (name: string) => (typeof root[name] === "string" ? root[name] : null);
  const contents = { format: "h5", config: text("model_config"), kerasVersion: text("keras_version") } as const;
  return { contents: { ...contents, attributes: namesOnly(attributes) }, tensors };
}

async function loadKeras({ path, workDir, limits }: ReadJob): Promise<Loaded> {
  const { config, metadata, weights } = unzipKeras(await readFile(path), limits);
  const contents = { format: "keras", config, kerasVersion: versionOf(metadata) } as const;
  if (weights === null) return { contents: { ...contents, attributes: {} }, tensors: [] };
  const weightsPath = join(workDir, "model.weights.h5");
  await writeFile(weightsPath, weights);
  const { tensors, attributes } = await readHdf5(weightsPath, { tensorBytes: limits.unpackedBytes });
  return { contents: { ...contents, attributes: namesOnly(attributes) }, tensors };
}

/** The architecture goes its own way; it would be there twice. */
function namesOnly(attributes: Hdf5Contents["attributes"]): Contents["attributes"] {
  const entries = Object.entries(attributes).map(([path, { model_config, ...names }]) => [path, names]);
  return Object.fromEntries(entries) as Contents["attributes"];
}

function versionOf(metadata: string | null): string | null {
  try {
    const { keras_version: version } = JSON.parse(metadata ?? "{}") as { keras_version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}

async function firstBytes(path: string, count: number): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Header first, then one tensor after the other, so that no more than one is held. */
async function write({ contents, tensors }: Loaded): Promise<void> {
  let end = 0;
  const entries = tensors.map(({ path, shape }): [string, object] => {
    const begin = end;
    end += shape.reduce((product, dim) => product * dim, 4);
    return [path, { dtype: "F32", shape, data_offsets: [begin, end] }];
  });
  const header = { __metadata__: { keras: JSON.stringify(contents) }, ...Object.fromEntries(entries) };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  await send(length);
  await send(headerBytes);
  for (const tensor of tensors) await send(Buffer.from(tensor.read().buffer));
}

async function send(bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, "drain");
}

try {
  await write(await load((await json(process.stdin)) as ReadJob));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(error.message);
  process.exitCode = refusedExitCode;
}
