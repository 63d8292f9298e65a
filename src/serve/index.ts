/** The HTTP service: `startServer` runs a model behind a bounded queue and inference workers. */
export { cgroupCpuLimit, defaultThreads, planWorkers, type ReadText, type WorkerPlan } from "./cores.ts";
export { type ServeOptions, serveOptions } from "./options.ts";
export { type RunningServer, type ServerInput, startServer } from "./server.ts";
