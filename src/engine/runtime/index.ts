/** The only door to ONNX Runtime: sessions on the CPU with the number of threads that the caller asks for. */
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { problemOf } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { DataType, TensorData, TensorValue } from "../graph/index.ts";

export type { TensorValue } from "../graph/index.ts";

/** ONNX Runtime's version, for records. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;

export interface SessionOptions {
  /** Threads of one operation. ONNX Runtime ignores cgroup limits, so the caller always says. */
  readonly threads: number;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs all outputs. Blocks this JavaScript thread while it computes. @throws ENGINE_RUN_FAILED */
  run(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>>;
  dispose(): Promise<void>;
}

/**
 * Loads a model.
 * @param model bytes or path of an ONNX file
 * @throws ENGINE_SESSION_FAILED
 */
export async function createSession(model: Uint8Array | string, { threads }: SessionOptions): Promise<Session> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  };
  const session = await open(model, options).catch((cause: unknown) => {
    throw new FulcrumError("ENGINE_SESSION_FAILED", { problem: problemOf(cause) }, { cause });
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds) => run(session, feeds),
    dispose: () => session.release(),
  };
}

function open(model: Uint8Array | string, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof model === "string" ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

async function run(
  session: InferenceSession,
  feeds: Readonly<Record<string, TensorValue>>,
): Promise<Record<string, TensorValue>> {
  try {
    const tensors = Object.entries(feeds).map(([name, { dtype, dims, data }]) => [name, new Tensor(dtype, data, dims)]);
    const results = await session.run(Object.fromEntries(tensors) as InferenceSession.FeedsType);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, toValue(tensor)]));
  } catch (cause) {
    throw new FulcrumError("ENGINE_RUN_FAILED", { problem: problemOf(cause) }, { cause });
  }
}

function toValue({ type, dims, data }: Tensor): TensorValue {
  return { dtype: type as DataType, dims, data: data as TensorData };
}
