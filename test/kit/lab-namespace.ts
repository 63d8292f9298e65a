/** A namespace of its own for a file of cluster tests, and requests to what runs in it. */
import type { Cluster, Pod } from "../../src/cluster/index.ts";
import { labelsOf } from "../../src/cluster/index.ts";
import { type CommandResult, fulcrum, lab, labCluster } from "./lab.ts";

export interface TestNamespace {
  readonly cluster: Cluster;
  /** fulcrum with --target kubernetes and this namespace; small pods unless the words say otherwise. */
  deploy(name: string, ...words: string[]): Promise<CommandResult>;
  undeploy(name: string): Promise<CommandResult>;
  pods(name: string): Promise<Pod[]>;
  remove(): Promise<void>;
}

const image = "lab.local/food:1";
const smallPod = {
  "--image": image,
  "--requests-cpu": "100m",
  "--requests-memory": "128Mi",
  "--limits-cpu": "500m",
  "--limits-memory": "512Mi",
};

export async function openNamespace(namespace: string): Promise<TestNamespace> {
  await lab("kubectl", "create", "namespace", namespace);
  const cluster = await labCluster(namespace);
  return {
    cluster,
    deploy(name, ...words) {
      const defaults = Object.entries(smallPod).filter(([flag]) => !words.includes(flag));
      const common = ["--target", "kubernetes", "--name", name, "--namespace", namespace, "--json"];
      return fulcrum(["deploy", ...common, ...defaults.flat(), ...words]);
    },
    undeploy: (name) => fulcrum(["undeploy", name, "--namespace", namespace]),
    pods: (name) => cluster.list("Pod", { labels: labelsOf(name) }),
    async remove() {
      await cluster.close();
      // Until its pods are gone: they hold room that the next file's tests count on.
      await lab("kubectl", "delete", "namespace", namespace, "--timeout=180s");
    },
  };
}

/** GET; the body's text. @throws where the answer is not 2xx */
export async function get(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), headers: { connection: "close" } });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}

/** Requests for /test that each pod has answered, by its own count. */
export async function answeredBy(pods: readonly Pod[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { metadata, status } of pods) {
    const text = await get(`http://${status.podIP}:8080/metrics`);
    const lines = text.split("\n").filter((line) => /^fulcrum_request_seconds_count\{[^}]*route="\/test"/.test(line));
    counts.set(
      metadata.name,
      lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0),
    );
  }
  return counts;
}
