/** Which ready replica gets the next request: the one with least in flight, ties in turn. Pure. */

export interface BalancedReplica {
  /** Grows with every replica that is started, and orders them in the round. */
  readonly ordinal: number;
  /** Requests sent to it and not answered yet. */
  readonly inFlight: number;
}

/**
 * @param replicas those that may take the request, in any order
 * @param lastOrdinal the replica that took the one before; anything where there was none
 * @returns the next after `lastOrdinal` among the least loaded, or undefined where `replicas` is empty
 */
export function pickReplica<Replica extends BalancedReplica>(
  replicas: readonly Replica[],
  lastOrdinal: number,
): Replica | undefined {
  let best: Replica | undefined;
  for (const replica of replicas) {
    if (best === undefined || isBefore(replica, best, lastOrdinal)) best = replica;
  }
  return best;
}

function isBefore(a: BalancedReplica, b: BalancedReplica, lastOrdinal: number): boolean {
  if (a.inFlight !== b.inFlight) return a.inFlight < b.inFlight;
  const aIsAhead = a.ordinal > lastOrdinal;
  const bIsAhead = b.ordinal > lastOrdinal;
  return aIsAhead === bIsAhead ? a.ordinal < b.ordinal : aIsAhead;
}
