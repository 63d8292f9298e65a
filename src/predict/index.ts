/** Photo bytes to probabilities. */
export { type Classifier, openClassifier, type Prediction } from "./classifier.ts";
