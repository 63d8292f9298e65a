/** A built image to a registry: what it does not have yet, and the manifest last. */
import type { Progress } from "../../../base/progress.ts";
import type { AssembledImage } from "../assemble.ts";
import { RegistryClient, type RegistryOptions } from "./client.ts";

export interface PushResult {
  /** Bytes that had to be sent. */
  readonly sentBytes: number;
  /** Bytes that the registry had. */
  readonly keptBytes: number;
}

/**
 * A new model of a known image ships its own layer alone.
 * @throws IMAGE_REGISTRY_UNREACHABLE, IMAGE_REGISTRY_UNAUTHORIZED, IMAGE_REGISTRY_REFUSED
 */
export async function pushImage(
  image: AssembledImage,
  options: RegistryOptions,
  progress: Progress,
): Promise<PushResult> {
  const client = new RegistryClient(options);
  const blobs = [...image.layers, image.config];
  const task = progress.task("Push", blobs.length, "blobs");
  let sentBytes = 0;
  let keptBytes = 0;
  for (const { digest, size } of blobs) {
    options.signal?.throwIfAborted();
    if (await client.hasBlob(digest)) keptBytes += size;
    else {
      await client.uploadBlob(digest, await image.store.blob(digest));
      sentBytes += size;
    }
    task.advance(1, `${((sentBytes + keptBytes) / 1e6).toFixed(1)} MB`);
  }
  await client.putManifest(options.reference.tag ?? image.manifest.digest, image.manifest);
  task.finish();
  return { sentBytes, keptBytes };
}
