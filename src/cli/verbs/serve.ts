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
    "Serves a model file in the foreground: GET / (upload page), POST /predict (multipart field `file`, or a photo's " +
    "bytes as image/...), GET /test, /healthz, /readyz, /metrics, /openapi.json, and KServe's V2 inference protocol " +
    "below /v2. SIGHUP reads the model file again without losing a request; a bad file leaves the old model serving. " +
    "SIGTERM or Ctrl-C drains: not ready at once, requests under way are answered, then it exits with 0.",
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
    "curl -H 'Content-Type: image/jpeg' --data-binary @photo.jpg 'http://127.0.0.1:8080/predict?top=3'",
  ],
  async run({ args, options: { announce, ...options }, io }) {
    const { startServer } = await import("../../serve/server.ts");
    const server = await startServer({ modelPath: args[0] as string, options });
    const { host, port, url, plan } = server;
    const listening = { event: "listening", host, port, url, ...plan, pid: process.pid };
    if (announce) io.print(JSON.stringify(listening));
    else io.json(listening);
    const over = announce ? AbortSignal.any([io.signal, parentGone()]) : io.signal;
    const hangup = onHangup(server);
    const failure = await untilEnd(server, AbortSignal.any([over, hangup.ended]), () => {
      if (!announce) io.print(`${url} (${plan.workers} x ${plan.threadsPerWorker} threads; Ctrl-C to stop)`);
    });
    await server.drain({ delay: failure === undefined });
    hangup.forget();
    if (failure) throw failure;
    return 0;
  },
});

/** SIGHUP reads the model file again; but on a terminal it says that the terminal is gone: then it is the end. */
function onHangup(server: RunningServer): { readonly ended: AbortSignal; forget(): void } {
  const ended = new AbortController();
  const act = () => {
    if (process.stdin.isTTY) ended.abort();
    // What goes wrong is logged, and the old model serves on.
    else server.reload().catch(() => {});
  };
  process.on("SIGHUP", act);
  return { ended: ended.signal, forget: () => process.off("SIGHUP", act) };
}

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
