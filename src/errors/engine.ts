/** Errors of the training engine and of ONNX Runtime. */
import type { ErrorTable } from "./table.ts";

export const engineErrors = {
  ENGINE_GRAPH_INVALID: { message: "Node {node} ({op}) is not valid: {problem}.", exit: "bug" },
} as const satisfies ErrorTable;
