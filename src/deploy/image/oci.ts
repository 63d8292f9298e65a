/**
 * The documents of an OCI image, from its layers. Pure.
 * Source: OCI image specification 1.1 (config.md, manifest.md, image-layout.md).
 */
import { sha256 } from "../../base/hash.ts";
import type { Architecture } from "./platform.ts";

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  gzipLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

const dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
const dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export const indexTypes: readonly string[] = [mediaTypes.index, dockerIndex];
export const manifestTypes: readonly string[] = [...indexTypes, mediaTypes.manifest, dockerManifest];

/** A layer of Docker's own format is the same bytes. */
export function ociLayerType(mediaType: string): string {
  return mediaType === dockerLayer ? mediaTypes.gzipLayer : mediaType;
}

export interface Descriptor {
  readonly mediaType: string;
  /** "sha256:" and 64 hex digits. */
  readonly digest: string;
  readonly size: number;
}

/** A layer as the registry has it (`digest`) and as the file system sees it (`diffId`: of the uncompressed archive). */
export interface Layer extends Descriptor {
  readonly diffId: string;
  /** What it is, for people: "node", "model". */
  readonly title: string;
}

/** Configuration of a container, as the specification names its keys. */
export interface ContainerConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly ExposedPorts: Readonly<Record<string, Record<string, never>>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
}

export interface Document extends Descriptor {
  readonly bytes: Uint8Array;
}

export interface ImageDocuments {
  readonly config: Document;
  /** Its digest is the image's. */
  readonly manifest: Document;
}

/** Nothing in an image tells when it was made: the same inputs are the same image. */
const created = "1970-01-01T00:00:00Z";

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes)}`;
}

export function imageDocuments(
  architecture: Architecture,
  container: ContainerConfig,
  layers: readonly Layer[],
): ImageDocuments {
  const config = document(mediaTypes.config, {
    created,
    architecture,
    os: "linux",
    config: container,
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ title }) => ({ created, created_by: `fulcrum image build: ${title}` })),
  });
  const manifest = document(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { config, manifest };
}

function document(mediaType: string, value: unknown): Document {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes };
}

export function descriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
