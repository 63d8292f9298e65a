/** `fulcrum image build MODEL`: a container image that serves the model, without a container engine. */
import { resolve } from "node:path";
import { z } from "zod";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Make a container image of a model, without a container engine",
  description:
    "Makes an OCI image that serves a model: layers for the system (pinned Debian packages), Node, the dependencies, the " +
    "program and the model. It runs as a user without rights, from a read-only file system, and has no shell. The same " +
    "inputs give the same digest on every machine; what was made before is taken from the cache.",
  arguments: [
    { usage: "<model>", description: "Model file, as train writes it (runs/NAME/train/CANDIDATE/model.onnx)" },
  ],
  options: z.object({
    out: z.string().optional().describe("File to write: an OCI layout in a tar archive"),
    tag: z.string().default("localhost/fulcrum:latest").describe("Name and tag that the file gives the image"),
    architecture: z.enum(["amd64", "arm64"]).default("amd64").describe("Processor that the image is for"),
    compression: z.enum(["gzip", "none"]).default("gzip").describe("Of the layers"),
    debianMirror: z.string().optional().describe("Mirror of Debian's packages, without /debian"),
  }),
  examples: [
    "fulcrum image build runs/food/train/latency/model.onnx --out image.tar --tag registry.example/food:1",
    "docker load -i image.tar",
  ],
  async run({ args, options, io }) {
    if (options.out === undefined) {
      throw new FulcrumError("CLI_USAGE", { problem: "Name a file with --out.", verb: "image build" });
    }
    const { buildImage, writeImageArchive } = await import("../../deploy/image/index.ts");
    const { architecture, compression, debianMirror } = options;
    const image = await buildImage({
      modelFile: resolve(args[0] as string),
      architecture,
      compression,
      ...(debianMirror === undefined ? {} : { debianMirror }),
      progress: io.progress,
      signal: io.signal,
    });
    const out = resolve(options.out);
    await writeImageArchive(image, options.tag, out);
    for (const { title, size, digest } of image.layers) io.print(`${title.padEnd(14)} ${megabytes(size)}  ${digest}`);
    io.print(`${options.tag}@${image.manifest.digest}`);
    io.print(out);
    io.json({ digest: image.manifest.digest, tag: options.tag, out, architecture, layers: image.layers });
    return 0;
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).padStart(6)} MB`;
}
