/** Base models as graphs, their weights, and the model file. */
export {
  type AvailableBase,
  availableBase,
  availableBaseIds,
  type BaseModel,
  bases,
  describeBase,
  type LocalWeights,
  type TrainableBase,
} from "./bases.ts";
export {
  addPhotoInput,
  buildClassifierGraph,
  buildFeatureGraph,
  buildFeatureGraphFrom,
  buildImagenetGraph,
  type DenseHead,
  type LoadedBase,
  poolFeatures,
} from "./classifier.ts";
export type { EvaluationSummary, ModelMetadata, TrainingSummary } from "./metadata.ts";
export { metadataFormatVersion } from "./metadata.ts";
export { type ModelFile, readModelFile, renderModelFile, writeEvaluation, writeModelFile } from "./model-file.ts";
export { featuresOutput, probabilitiesOutput } from "./output-names.ts";
export { type ModelInputs, type PixelScale, pixelScales, planInputs } from "./preprocessing.ts";
export { downloadPath, resolveBase, type SourceOptions } from "./sources.ts";
export { loadWeights } from "./weights.ts";
