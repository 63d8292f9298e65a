/** The only door to ONNX Runtime: sessions on the CPU with the number of threads that the caller asks for. */
import "./no-telemetry.ts"; // first
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { problemOf } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { DataType, TensorData, TensorValue } from "../graph/index.ts";

export type { TensorValue } from "../graph/index.ts";

/** ONNX Runtime's version, for records. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;

/** By name of input or output. */
export type TensorValues = Readonly<Record<string, TensorValue>>;

export interface SessionOptions {
  /** Threads of one operation. ONNX Runtime ignores cgroup limits, so the caller always says. */
  readonly threads: number;
  /** How far ONNX Runtime rewrites the graph when it loads it. Default "all". */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
  /** The model is a path that `prepareModel` wrote: it is mapped, and its weights are shared with who else maps it. */
  readonly isPrepared?: boolean;
  /**
   * Threads that have nothing to do keep a core busy for a moment, so that the next operation begins at once. Default
   * true; false where other threads need the cores.
   */
  readonly spinning?: boolean;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the model on a tensor for each input. Blocks this JavaScript thread while it computes. Data that is fed is
   * read, not copied: it must not change before the promise is settled.
   * @throws ENGINE_FEED_INVALID, ENGINE_RUN_FAILED
   */
  run(feeds: TensorValues): Promise<Record<string, TensorValue>>;
  /** Frees the model's memory; a second call does nothing. A run afterwards is refused. */
  dispose(): Promise<void>;
}

/**
 * Loads a model. Only the CPU is used: there is no other provider to fall back from or to.
 * @param model bytes or path of an ONNX file
 * @throws ENGINE_SESSION_FAILED
 */
export async function createSession(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
  const session = await load(model, options);
  let isOpen = true;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      if (!isOpen) throw new FulcrumError("ENGINE_RUN_FAILED", { problem: "its session was disposed of" });
      return runSession(session, feeds);
    },
    async dispose() {
      if (!isOpen) return;
      isOpen = false;
      await session.release();
    },
  };
}

/**
 * Rewrites a model for this machine's processor as loading it does ("all"), and writes the result in ONNX Runtime's own
 * format: such a file is loaded in a fraction of the time, by this version of ONNX Runtime on such a processor.
 * @throws ENGINE_SESSION_FAILED
 */
export async function prepareModel(model: Uint8Array | string, path: string): Promise<void> {
  const session = await load(model, { threads: 1 }, { optimizedModelFilePath: path }, { save_model_format: "ORT" });
  await session.release();
}

/** Session configuration keys of onnxruntime_session_options_config_keys.h. */
const mapped = {
  load_model_format: "ORT",
  use_memory_mapped_ort_model: "1",
  use_ort_model_bytes_directly: "1",
  use_ort_model_bytes_for_initializers: "1",
} as const;

function intraOp(spinning: boolean) {
  return { intra_op: { allow_spinning: spinning ? "1" : "0" } };
}

async function load(
  model: Uint8Array | string,
  { threads, optimization = "all", isPrepared = false, spinning = true }: SessionOptions,
  more: InferenceSession.SessionOptions = {},
  configuration: Readonly<Record<string, string>> = {},
): Promise<InferenceSession> {
  const settings: InferenceSession.SessionOptions = {
    ...more,
    // Threads of a session wait for its next operation in a busy loop, but not for its next run.
    extra: {
      session: { force_spinning_stop: "1", ...intraOp(spinning), ...configuration, ...(isPrepared ? mapped : {}) },
    },
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
    // Errors only: what matters of them is thrown.
    logSeverityLevel: 3,
  };
  try {
    if (typeof model === "string") return await InferenceSession.create(model, settings);
    return await InferenceSession.create(model, settings);
  } catch (cause) {
    throw new FulcrumError("ENGINE_SESSION_FAILED", { problem: problemOf(cause) }, { cause });
  }
}

async function runSession(session: InferenceSession, feeds: TensorValues): Promise<Record<string, TensorValue>> {
  const tensors = feedTensors(session.inputNames, feeds);
  try {
    const results = await session.run(tensors);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensorValue(tensor)]));
  } catch (cause) {
    throw new FulcrumError("ENGINE_RUN_FAILED", { problem: problemOf(cause) }, { cause });
  }
}

/** One tensor for each input, no more and no fewer. */
function feedTensors(inputNames: readonly string[], feeds: TensorValues): Record<string, Tensor> {
  const unknown = Object.keys(feeds).find((name) => !inputNames.includes(name));
  if (unknown !== undefined) {
    const problem = `the model has no such input, only ${inputNames.join(", ")}`;
    throw new FulcrumError("ENGINE_FEED_INVALID", { name: unknown, problem });
  }
  return Object.fromEntries(inputNames.map((name) => [name, feedTensor(name, feeds[name])]));
}

function feedTensor(name: string, value: TensorValue | undefined): Tensor {
  if (value === undefined) throw new FulcrumError("ENGINE_FEED_INVALID", { name, problem: "nothing is fed" });
  try {
    return new Tensor(value.dtype, value.data, value.dims);
  } catch (cause) {
    throw new FulcrumError("ENGINE_FEED_INVALID", { name, problem: problemOf(cause) }, { cause });
  }
}

function tensorValue({ type, dims, data }: Tensor): TensorValue {
  return { dtype: type as DataType, dims, data: data as TensorData };
}
