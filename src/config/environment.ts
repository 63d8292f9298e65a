/** Environment variables of processes that fulcrum starts. */

/**
 * For inference workers: the C library keeps memory in few arenas, else each thread of ONNX Runtime may hold on to what
 * it once freed.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, MALLOC_ARENA_MAX: "2" };
}
