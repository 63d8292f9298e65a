/** The train stage: a candidate and a data set in, a model file and a training record out. */
export { describeData, selectPhotos } from "./selection.ts";
export { modelFileName, type TrainOptions, trainCandidate } from "./train-candidate.ts";
