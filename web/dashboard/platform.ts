/** Replicas on nodes as a picture: a box a node, a square a replica, and those without a place. */
import type { LiveReplica } from "../../src/live/event.ts";
import type { LiveState } from "../../src/live/state.ts";
import { byId, html, reconcile, setData, setText } from "./dom.ts";

const marks: Readonly<Record<LiveReplica["state"], string>> = {
  ready: "✓",
  starting: "…",
  unready: "!",
  ending: "×",
  pending: "?",
};

type Node = LiveState["nodes"][number];

export function drawPlatform({ measurement, nodes, replicas }: LiveState): void {
  byId("platform-section").hidden = measurement === null;
  if (measurement === null) return;
  const count = (state: LiveReplica["state"]) => replicas.filter((replica) => replica.state === state).length;
  const others = (["starting", "unready", "ending", "pending"] as const)
    .map((state) => ({ state, number: count(state) }))
    .filter(({ number }) => number > 0)
    .map(({ state, number }) => `, ${number} ${state}`);
  setText(byId("platform-summary"), `${measurement.id}: ${count("ready")} ready${others.join("")}`);
  const pending = replicas.filter(({ node }) => node === null);
  const boxes = nodes.map((node) => ({ name: node.node, use: describeUse(node), replicas: on(replicas, node.node) }));
  if (pending.length > 0) boxes.push({ name: "Pending", use: "no node has room", replicas: pending });
  reconcile(byId("nodes"), boxes, {
    key: ({ name }) => name,
    make: ({ name }) =>
      html("div", { class: "node" }, html("h3", {}, name), html("p", { class: "soft" }), html("ul", { class: "pods" })),
    update: (element, box) => {
      setText(element.querySelector("p")!, box.use);
      drawReplicas(element.querySelector("ul")!, box.replicas);
    },
  });
}

function on(replicas: readonly LiveReplica[], node: string): LiveReplica[] {
  return replicas.filter((replica) => replica.node === node);
}

function describeUse({ capacity, requests }: Node): string {
  const share = Math.round((100 * requests.cpuMillis) / capacity.cpuMillis);
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return `requested: ${requests.cpuMillis}m CPU (${share} %), ${gib(requests.memoryBytes)} of ${gib(capacity.memoryBytes)} GiB`;
}

function drawReplicas(list: Element, replicas: readonly LiveReplica[]): void {
  reconcile(list, replicas, {
    key: ({ name }) => name,
    make: () => html("li", { class: "pod" }),
    update: (element, { name, state }) => {
      setData(element, "state", state);
      setText(element, marks[state]);
      element.title = `${name}: ${state}`;
      element.setAttribute("aria-label", `${name}: ${state}`);
    },
  });
}
