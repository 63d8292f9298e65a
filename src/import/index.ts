/** Models of other programs as fulcrum's own model files. */
export { importBase } from "./import-base.ts";
export { type ImportCandidateOptions, importCandidate } from "./import-candidate.ts";
export { type ImportChoices, type ImportedModel, importModel } from "./import-model.ts";
