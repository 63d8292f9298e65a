/** A server without sockets for the load loops: answers after a service time of the fake clock. */
import type { Clock } from "../../src/base/clock.ts";
import type { Answer, Attacker } from "../../src/load/attacker.ts";
import type { Hit } from "../../src/load/hit.ts";

export interface FakeAttacker extends Attacker {
  /** Most requests in flight at once so far. */
  readonly mostInFlight: number;
}

/**
 * @param serviceMs time until the answer, a request's place of sending given
 * @param status status of the answer
 */
export function fakeAttacker(clock: Clock, serviceMs: (place: number) => number, status = () => 200): FakeAttacker {
  const inFlight = new Set<(error: string) => void>();
  let sent = 0;
  let mostInFlight = 0;
  return {
    get mostInFlight() {
      return mostInFlight;
    },
    send() {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const sentMs = clock.nowMs();
      const answer = (error: string | null) => {
        if (!inFlight.delete(answer)) return;
        const common = { sentMs, finishedMs: clock.nowMs(), error };
        if (error === null) resolve({ ...common, firstByteMs: clock.nowMs(), status: status(), bytes: 1000 });
        else resolve({ ...common, firstByteMs: null, status: null, bytes: 0 });
      };
      inFlight.add(answer);
      mostInFlight = Math.max(mostInFlight, inFlight.size);
      void clock.sleep(serviceMs(sent++)).then(() => answer(null));
      return promise;
    },
    cutOff(error) {
      for (const answer of inFlight) answer(error);
    },
    close() {},
  };
}

/** A hit of 10 ms with what a test wants to differ. */
export function hit(changes: Partial<Hit> = {}): Hit {
  return {
    index: 0,
    user: 0,
    scheduledMs: 0,
    sentMs: 0,
    firstByteMs: 9,
    finishedMs: 10,
    status: 200,
    bytes: 100,
    error: null,
    ...changes,
  };
}
