/** Photo bytes to probabilities. */
export {
  type Classifier,
  type ClassifierOptions,
  classifierOf,
  openClassifier,
  type Prediction,
  photoFeeds,
} from "./classifier.ts";
export { modelFileSource, preparedSource, type SessionSource } from "./session-source.ts";
