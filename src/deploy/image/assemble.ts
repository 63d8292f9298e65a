/** Layers and a container's configuration -> an image, all of whose blobs are in the store. */
import type { BlobStore } from "./blobs.ts";
import { type ContainerConfig, type ImageDocuments, imageDocuments, type Layer } from "./oci.ts";
import type { Architecture } from "./platform.ts";

export interface AssembledImage extends ImageDocuments {
  readonly architecture: Architecture;
  readonly layers: readonly Layer[];
  readonly store: BlobStore;
}

export async function assembleImage(
  store: BlobStore,
  architecture: Architecture,
  container: ContainerConfig,
  layers: readonly Layer[],
): Promise<AssembledImage> {
  const documents = imageDocuments(architecture, container, layers);
  await store.put(documents.config.digest, documents.config.bytes);
  await store.put(documents.manifest.digest, documents.manifest.bytes);
  return { ...documents, architecture, layers, store };
}
