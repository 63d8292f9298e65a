/** A base image from a registry by its digest: its layers under ours, in place of the system layer. */
import { FulcrumError } from "../../../errors/index.ts";
import type { BlobStore } from "../blobs.ts";
import { type Descriptor, type Document, indexTypes, type Layer, ociLayerType } from "../oci.ts";
import type { Architecture } from "../platform.ts";
import { RegistryClient, type RegistryOptions } from "./client.ts";

export interface BaseImage {
  readonly layers: readonly Layer[];
  /** "NAME=value" */
  readonly env: readonly string[];
}

interface Index {
  readonly manifests: readonly (Descriptor & { readonly platform?: { os: string; architecture: string } })[];
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Config {
  readonly os: string;
  readonly architecture: string;
  readonly config?: { readonly Env?: readonly string[] };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/**
 * Its layers are in the store then.
 * @throws IMAGE_NAME_INVALID without a digest, IMAGE_BASE_UNFIT for another platform, and what the registry's client throws
 */
export async function pullBase(
  options: RegistryOptions,
  architecture: Architecture,
  store: BlobStore,
): Promise<BaseImage> {
  const { host, repository, digest } = options.reference;
  const name = `${host}/${repository}`;
  if (digest === null) throw new FulcrumError("IMAGE_NAME_INVALID", { name: `${name} without @sha256:...` });
  const client = new RegistryClient(options);
  const manifest = parse<Manifest>(await platformManifest(client, digest, architecture, name));
  const config = JSON.parse(Buffer.from(await client.getBlob(manifest.config)).toString("utf8")) as Config;
  const platform = `${config.os}/${config.architecture}`;
  if (platform !== `linux/${architecture}`) {
    throw new FulcrumError("IMAGE_BASE_UNFIT", { name, wanted: `linux/${architecture}`, found: platform });
  }
  const layers: Layer[] = [];
  for (const [i, { mediaType, digest: blob, size }] of manifest.layers.entries()) {
    if (!(await store.has(blob))) await store.put(blob, await client.getBlob({ digest: blob }));
    layers.push({
      mediaType: ociLayerType(mediaType),
      digest: blob,
      size,
      diffId: config.rootfs.diff_ids[i]!,
      title: "base",
    });
  }
  return { layers, env: config.config?.Env ?? [] };
}

async function platformManifest(
  client: RegistryClient,
  digest: string,
  architecture: Architecture,
  name: string,
): Promise<Document> {
  const document = await client.getManifest(digest);
  if (!indexTypes.includes(document.mediaType)) return document;
  const { manifests } = parse<Index>(document);
  const fitting = manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === architecture);
  if (fitting) return client.getManifest(fitting.digest);
  const found = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(", ");
  throw new FulcrumError("IMAGE_BASE_UNFIT", { name, wanted: `linux/${architecture}`, found });
}

function parse<Value>({ bytes }: Document): Value {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Value;
}
