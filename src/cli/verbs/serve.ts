/** `fulcrum serve MODEL`: the prediction service in the foreground, until Ctrl-C or SIGTERM. */
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { z } from "zod";
import type { RunningServer } from "../../serve/index.ts";
import { serveOptions } from "../../serve/options.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Serve a model over HTTP: page, predictions, metrics",
  description:
    "Serves a model file in the foreground: GET / (upload page), POST /predict (multipart field `file`), GET /test, " +
    "/healthz, /readyz, /metrics. SIGTERM or Ctrl-C drains: not ready at once, requests under way are answered, then " +
    "it exits with 0.",
  arguments: [
    { usage: "<model>", description: "Model file, as train writes it (runs/NAME/train/CANDIDATE/model.onnx)" },
  ],
  options: serveOptions.extend({
    announce: z
      .boolean()
      .default(false)
      .describe(
        'For a parent process: print one JSON line {"event":"listening","port":N,...}; drain when a piped stdin closes',
      ),
  }),
  short: { port: "p" },
  examples: [
    "fulcrum serve runs/demo/train/accuracy/model.onnx",
    "fulcrum serve model.onnx --port 0 --announce --threads 2",
    "curl -F file=@photo.jpg http://127.0.0.1:8080/predict",
  ],
  async run({ args, options: { announce, ...options }, io }) {
    const { startServer } = await import("../../serve/server.ts");
    const server = await startServer({ modelPath: args[0] as string, options });
    const { host, port, url, plan } = server;
    const listening = { event: "listening", host, port, url, ...plan, pid: process.pid };
    if (announce) io.print(JSON.stringify(listening));
    else io.json(listening);
    const over = announce ? AbortSignal.any([io.signal, parentGone()]) : io.signal;
    const failure = await untilEnd(server, over, () => {
      if (!announce) io.print(`${url} (${plan.workers} x ${plan.threadsPerWorker} threads; Ctrl-C to stop)`);
    });
    await server.drain();
    if (failure) throw failure;
    return 0;
  },
});

/** Waits for the signal to end, or for the failure of the workers. */
async function untilEnd(server: RunningServer, signal: AbortSignal, onOpened: () => void) {
  void server.opened.then(onOpened);
  const asked = signal.aborted ? Promise.resolve() : once(signal, "abort");
  return await Promise.race([server.failure, asked.then(() => undefined)]);
}

/**
 * Fires when standard input ends: a parent that holds its other end is gone, even by SIGKILL. Only a pipe or socket
 * tells; a file or /dev/null says nothing of a parent.
 */
function parentGone(): AbortSignal {
  const gone = new AbortController();
  const input = fstatSync(process.stdin.fd);
  if (input.isFIFO() || input.isSocket()) {
    process.stdin.once("end", () => gone.abort());
    process.stdin.once("error", () => gone.abort());
    process.stdin.resume().unref();
  }
  return gone.signal;
}
