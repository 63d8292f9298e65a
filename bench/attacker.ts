/**
 * CPU time that the load generator spends on a request, beside node:http's client doing the same. It matters because
 * the generator shares the machine with what it measures.
 *
 * Command: node bench/attacker.ts        (about a minute; each line is 6 s of 10 users against a service of 50 ms)
 */
import { Agent, request } from "node:http";
import { runClosedLoad } from "../src/load/index.ts";
import { startService } from "./start-service.ts";

const users = 10;
const durationSeconds = 6;
const rounds = 3;

const service = await startService(50);
try {
  for (let round = 0; round < rounds; round++) {
    for (const keepAlive of [false, true]) {
      const connections = keepAlive ? "kept alive" : "one a request";
      await measure(`fulcrum,   connections ${connections}`, () => attack(keepAlive));
      await measure(`node:http, connections ${connections}`, () => nodeHttp(keepAlive));
    }
  }
} finally {
  service.stop();
}

async function measure(label: string, work: () => Promise<number>): Promise<void> {
  const before = process.cpuUsage();
  const requests = await work();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${label}: ${((user + system) / 1000 / requests).toFixed(3)} ms CPU a request (${requests})\n`);
}

async function attack(keepAlive: boolean): Promise<number> {
  const common = { url: service.url, users, delaySeconds: 0, durationSeconds, seed: 1 };
  return (await runClosedLoad({ ...common, keepAlive })).summary.transactions;
}

async function nodeHttp(keepAlive: boolean): Promise<number> {
  const agent = new Agent({ keepAlive });
  const endMs = performance.now() + durationSeconds * 1000;
  let count = 0;
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(service.url, { agent }, (response) => response.resume().on("end", resolve));
      sent.on("error", reject).end();
    });
  const live = async () => {
    for (; performance.now() < endMs; count++) await send();
  };
  await Promise.all(Array.from({ length: users }, live));
  agent.destroy();
  return count;
}
