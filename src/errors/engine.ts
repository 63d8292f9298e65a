/** Errors of the training engine and of ONNX Runtime. */
import type { ErrorTable } from "./table.ts";

export const engineErrors = {
  ENGINE_GRAPH_INVALID: { message: "Node {node} ({op}) is not valid: {problem}.", exit: "bug" },
  ENGINE_NO_GRADIENT: { message: "There is no gradient rule for operation {op} (node {node}).", exit: "bug" },
  ENGINE_SESSION_FAILED: { message: "ONNX Runtime cannot load the model: {problem}.", exit: "input" },
  ENGINE_RUN_FAILED: { message: "ONNX Runtime cannot run the model: {problem}.", exit: "failure" },
} as const satisfies ErrorTable;
