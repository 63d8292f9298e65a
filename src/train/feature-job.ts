/** What the main thread and the feature workers tell each other. */
import type { Photo } from "../records/dataset.ts";
import type { FeatureSource } from "./feature-cache.ts";

/** A base as the workers run it. */
export interface Extractor {
  readonly source: FeatureSource;
  /** ONNX file of the feature graph. */
  readonly model: Uint8Array;
}

/** What the workers start with. */
export interface FeatureTask {
  readonly dataDir: string;
  readonly extractors: readonly Extractor[];
}

/** Photos to run on some of the extractors. The answer: features [photos, featureCount] for each of them. */
export interface FeatureJob {
  readonly photos: readonly Photo[];
  readonly extractorIndices: readonly number[];
}
