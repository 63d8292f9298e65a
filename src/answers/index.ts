/** What users said their photos show, beside what the model said: live, held-out accuracy comes from here. */
export { type AnswerRow, type AnswerStore, openAnswers, readAnswers } from "./store.ts";
