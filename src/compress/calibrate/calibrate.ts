/** Runs training photos through the float graph and keeps what values each quantised activation takes. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readBytes } from "../../base/files.ts";
import type { Progress } from "../../base/progress.ts";
import type { Graph, Node } from "../../engine/graph/index.ts";
import { encodeModel } from "../../engine/onnx/index.ts";
import { createSession } from "../../engine/runtime/index.ts";
import { decodePhoto } from "../../images/index.ts";
import { photoFeeds } from "../../predict/index.ts";
import type { Photo } from "../../records/dataset.ts";
import type { Preprocessing } from "../../records/preprocessing.ts";
import { ValueHistogram } from "./histogram.ts";
import { nodesToObserve, observedGraph, observedName } from "./observe.ts";

export interface CalibrateOptions {
  readonly graph: Graph;
  readonly preprocessing: readonly Preprocessing[];
  readonly dataDir: string;
  readonly photos: readonly Photo[];
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** By node of the graph. Memory: one photo's activations, and a histogram an activation. */
export async function calibrate(options: CalibrateOptions): Promise<ReadonlyMap<Node, ValueHistogram>> {
  const { graph, preprocessing, dataDir, photos, threads, progress, signal } = options;
  const nodes = nodesToObserve(graph);
  const histograms = nodes.map(() => new ValueHistogram());
  const session = await createSession(encodeModel(observedGraph(graph, nodes)), { threads });
  const task = progress.task("calibrating", photos.length, "photos");
  try {
    for (const { path } of photos) {
      signal.throwIfAborted();
      const pixels = await decodePhoto(await readBytes(join(dataDir, path)), path);
      const values = await session.run(photoFeeds([...preprocessing], [pixels]));
      for (const [i, histogram] of histograms.entries()) histogram.add(values[observedName(i)]!.data as Float32Array);
      task.advance();
      await nextTurn();
    }
  } finally {
    await session.dispose();
  }
  task.finish();
  return new Map(nodes.map((node, i) => [node, histograms[i]!]));
}
