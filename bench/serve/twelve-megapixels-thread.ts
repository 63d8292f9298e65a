/** A thread of twelve-megapixels.ts: its share of the photos. */
import { parentPort, workerData } from "node:worker_threads";
import { classifyAll, type Task } from "./twelve-megapixels.ts";

parentPort!.postMessage(await classifyAll(workerData as Task));
