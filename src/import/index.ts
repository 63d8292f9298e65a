/** Models of other programs as fulcrum's own model files. */
export { type ImportCandidateOptions, importCandidate } from "./import-candidate.ts";
export { type ImportChoices, type ImportedModel, importModel } from "./import-model.ts";
