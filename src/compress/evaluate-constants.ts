/** Computes what depends on constants only, in ONNX Runtime. */
import { encodeModel } from "../engine/onnx/index.ts";
import { createSession } from "../engine/runtime/index.ts";
import type { Evaluate } from "./simplify/fold-constants.ts";

export const evaluateConstants: Evaluate = async (graph) => {
  const session = await createSession(encodeModel(graph), { threads: 1 });
  try {
    return await session.run({});
  } finally {
    await session.dispose();
  }
};
