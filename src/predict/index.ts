/** Photo bytes to probabilities. */
export { type Classifier, openClassifier, type Prediction, photoFeeds } from "./classifier.ts";
