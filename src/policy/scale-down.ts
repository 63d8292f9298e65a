/**
 * Which replicas go when there are too many: those that would be missed least.
 * Source: ActivePodsWithRanks (pkg/controller/controller_utils.go of Kubernetes 1.37), as the documentation describes it
 * under "ReplicaSet: Scaling a ReplicaSet"; pod-deletion-cost is left out, nobody can set it here.
 */

export interface RemovableReplica {
  readonly name: string;
  /** null while it is Pending. */
  readonly node: string | null;
  /** Since when it is ready, milliseconds on any one clock; null where it is not. */
  readonly readySinceMs: number | null;
  readonly restarts: number;
  /** Grows with every replica that is made. */
  readonly ordinal: number;
}

/** The `count` replicas to end: first Pending, then not ready, then from fuller nodes, then the youngest. */
export function chooseForRemoval<Replica extends RemovableReplica>(
  replicas: readonly Replica[],
  count: number,
): Replica[] {
  const neighbours = (replica: Replica) => replicas.filter(({ node }) => node === replica.node).length;
  return replicas
    .toSorted(
      (a, b) =>
        Number(a.node !== null) - Number(b.node !== null) ||
        Number(a.readySinceMs !== null) - Number(b.readySinceMs !== null) ||
        neighbours(b) - neighbours(a) ||
        (b.readySinceMs ?? 0) - (a.readySinceMs ?? 0) ||
        b.restarts - a.restarts ||
        b.ordinal - a.ordinal,
    )
    .slice(0, count);
}
