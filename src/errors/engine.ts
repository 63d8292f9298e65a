/** Errors of the training engine and of ONNX Runtime. */
import type { ErrorTable } from "./table.ts";

export const engineErrors = {
  ENGINE_GRAPH_INVALID: { message: "Node {node} ({op}) is not valid: {problem}.", exit: "bug" },
  ENGINE_NO_GRADIENT: { message: "There is no gradient for operation {op} (node {node}): {problem}.", exit: "bug" },
  ENGINE_MODEL_UNREADABLE: { message: "These bytes are not an ONNX model: {problem}.", exit: "input" },
  ENGINE_MODEL_UNSUPPORTED: {
    message: "The ONNX model holds something that the engine cannot represent: {problem}.",
    exit: "input",
  },
  ENGINE_SESSION_FAILED: { message: "ONNX Runtime cannot load the model: {problem}.", exit: "input" },
  ENGINE_FEED_INVALID: { message: "Input {name} of the model is not fed rightly: {problem}.", exit: "bug" },
  ENGINE_RUN_FAILED: { message: "ONNX Runtime cannot run the model: {problem}.", exit: "failure" },
} as const satisfies ErrorTable;
