/** The Keras side: a process that trains an epoch on request, and waits idle in between. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Epoch {
  readonly seconds: number;
  /** Largest resident memory of the process so far. */
  readonly peakBytes: number;
}

export interface KerasPeer {
  epoch(): Promise<Epoch>;
  close(): void;
}

/** @throws if the peers' Python is not installed (../shared/peers/setup.sh keras) */
export function startKeras(model: string, phase: "head" | "fine-tune", images: number, batchSize: number): KerasPeer {
  const home = process.env.PEERS_HOME ?? join(homedir(), ".cache", "fulcrum-peers");
  const python = join(home, "keras", "bin", "python");
  if (!existsSync(python)) throw new Error(`${python} is missing: run ../shared/peers/setup.sh keras`);
  const script = join(import.meta.dirname, "keras-peer.py");
  const child = spawn(python, [script, model, phase, String(images), String(batchSize)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    async epoch() {
      child.stdin!.write("epoch\n");
      const line = await lines.next();
      if (line.done) throw new Error(`Keras ended (${model}, ${phase})`);
      return JSON.parse(line.value) as Epoch;
    },
    close: () => void (child satisfies ChildProcess).stdin!.end(),
  };
}
