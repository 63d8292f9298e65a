/** Environment variables and flags of processes that fulcrum starts. */

/**
 * Node flags of the service and its workers: a young generation of 1 MB at most. What a request leaves behind is small, and
 * with Node's default of 16 MB each process would let it pile up. ./fulcrum gives the same to `serve`.
 */
export const serviceNodeFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=1"] as const;

/**
 * For inference workers: the C library keeps memory in few arenas, else each thread of ONNX Runtime may hold on to what
 * it once freed.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, MALLOC_ARENA_MAX: "2" };
}
