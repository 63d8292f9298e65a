/** What the main thread and the feature workers tell each other. */
import type { PhotoVersion } from "../augment/index.ts";
import type { Augmentation } from "../config/candidate.ts";
import type { Photo } from "../records/dataset.ts";
import type { FeatureSource } from "./feature-cache.ts";

/** A base's frozen part as the workers run it. */
export interface Extractor {
  readonly source: FeatureSource;
  /** ONNX file of its graph: the outputs are the source's, in their order. */
  readonly model: Uint8Array;
}

/** What the workers start with. */
export interface FeatureTask {
  readonly dataDir: string;
  readonly extractors: readonly Extractor[];
  /** How photos with a version are changed. */
  readonly augmentation: Augmentation | null;
}

/** Photos to run on some of the extractors. The answer: rows [photos, row length] for each of them. */
export interface FeatureJob {
  readonly photos: readonly Photo[];
  /** One a photo; null: photos as they are. */
  readonly versions: readonly PhotoVersion[] | null;
  readonly extractorIndices: readonly number[];
}
