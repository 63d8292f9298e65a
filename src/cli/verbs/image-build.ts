/** `fulcrum image build MODEL`: a container image that serves the model, without a container engine. */
import { resolve } from "node:path";
import { z } from "zod";
import type { AssembledImage } from "../../deploy/image/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb, type VerbIo } from "../verb.ts";

const options = z.object({
  out: z.string().optional().describe("File to write: an OCI layout in a tar archive"),
  push: z.string().optional().describe("Image of a registry to push to, as registry.example/food:1"),
  root: z.string().optional().describe("Folder to write the image's files to, without an archive"),
  tag: z.string().optional().describe("Name that --out gives the image (that of --push, or localhost/fulcrum:latest)"),
  base: z.string().optional().describe("Image in place of Debian's packages, by digest: NAME@sha256:..."),
  architecture: z.enum(["amd64", "arm64"]).default("amd64").describe("Processor that the image is for"),
  compression: z.enum(["gzip", "none"]).default("gzip").describe("Of the layers"),
  plainHttp: z.boolean().default(false).describe("Speak HTTP to registries that are not on this machine"),
  debianMirror: z.string().optional().describe("Mirror of Debian's packages, without /debian"),
});
type Options = z.output<typeof options>;

export const verb = defineVerb({
  summary: "Make a container image of a model, without a container engine",
  description:
    "Makes an OCI image that serves a model: layers for the system (pinned Debian packages), Node, the dependencies, the " +
    "program and the model. It runs as a user without rights, from a read-only file system, and has no shell. The same " +
    "inputs give the same digest on every machine; what was made before is taken from the cache. --push uses the " +
    "credentials of `docker login` and sends only what the registry does not have. See docs/kubernetes.md.",
  arguments: [
    { usage: "<model>", description: "Model file, as train writes it (runs/NAME/train/CANDIDATE/model.onnx)" },
  ],
  options,
  examples: [
    "fulcrum image build runs/food/train/latency/model.onnx --out image.tar --tag registry.example/food:1",
    "docker load -i image.tar",
    "fulcrum image build model.onnx --push registry.example/food:1",
  ],
  async run({ args, options, io }) {
    const modelFile = resolve(args[0] as string);
    if (options.root !== undefined) return writeRoot(modelFile, options.root, options, io);
    if (options.out === undefined && options.push === undefined) throw usage("Name a file with --out, or --push REF.");
    const { buildImage, parseReference, writeImageArchive } = await import("../../deploy/image/index.ts");
    const { architecture, compression, debianMirror, plainHttp } = options;
    const { signal, progress } = io;
    const target = options.push === undefined ? undefined : parseReference(options.push);
    const base = options.base && { reference: parseReference(options.base), plainHttp, signal };
    const image = await buildImage({
      modelFile,
      architecture,
      compression,
      debianMirror,
      progress,
      signal,
      ...(base ? { base } : {}),
    });
    const tag = options.tag ?? options.push ?? "localhost/fulcrum:latest";
    const out = options.out === undefined ? undefined : resolve(options.out);
    if (out !== undefined) await writeImageArchive(image, tag, out, signal);
    const pushed = target === undefined ? undefined : await push(image, { reference: target, plainHttp, signal }, io);
    tell(image, io);
    if (out !== undefined) io.print(`${out}: ${tag}`);
    if (pushed) io.print(`${options.push}@${image.manifest.digest} (${megabytes(pushed.sentBytes).trim()} sent)`);
    const { digest } = image.manifest;
    io.json({
      digest,
      architecture,
      layers: image.layers,
      ...(out ? { out, tag } : {}),
      ...(pushed ? { pushed } : {}),
    });
    return 0;
  },
});

function usage(problem: string) {
  return new FulcrumError("CLI_USAGE", { problem, verb: "image build" });
}

async function writeRoot(modelFile: string, root: string, options: Options, io: VerbIo): Promise<number> {
  if (options.out ?? options.push ?? options.base) throw usage("--root goes without --out, --push and --base.");
  const { writeImageRoot } = await import("../../deploy/image/index.ts");
  const { architecture, debianMirror } = options;
  await writeImageRoot({ modelFile, architecture, debianMirror, signal: io.signal }, resolve(root));
  io.print(resolve(root));
  io.json({ root: resolve(root), architecture });
  return 0;
}

async function push(
  image: AssembledImage,
  to: Parameters<typeof import("../../deploy/image/index.ts").pushImage>[1],
  io: VerbIo,
) {
  const { pushImage } = await import("../../deploy/image/index.ts");
  return pushImage(image, to, io.progress);
}

function tell({ layers, manifest }: AssembledImage, io: VerbIo): void {
  for (const { title, size, digest } of layers) io.print(`${title.padEnd(14)} ${megabytes(size)}  ${digest}`);
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  io.print(`${"image".padEnd(14)} ${megabytes(total)}  ${manifest.digest}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).padStart(6)} MB`;
}
