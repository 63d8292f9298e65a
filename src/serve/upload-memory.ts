/**
 * A bound on the bytes of all uploads that are held at a time, whatever each client declares: bytes count when they
 * arrive, so that a slow or lying client holds no more than it has sent, and a block of gathered-bytes.ts. Pure.
 */
import { FulcrumError } from "../errors/index.ts";

/** What one request holds. */
export interface UploadLease {
  /** @throws SERVE_TOO_LARGE over the request's own bound; SERVE_UPLOADS_FULL over that of all together */
  take(bytes: number): void;
  /** Gives everything back; a second call does nothing. */
  release(): void;
}

export class UploadMemory {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @param limit bytes that this request may hold */
  lease(limit: number): UploadLease {
    let leased = 0;
    return {
      take: (bytes) => {
        if (leased + bytes > limit) throw new FulcrumError("SERVE_TOO_LARGE", { limit });
        if (this.#heldBytes + bytes > this.#limitBytes) throw new FulcrumError("SERVE_UPLOADS_FULL", { seconds: 1 });
        this.#heldBytes += bytes;
        leased += bytes;
      },
      release: () => {
        this.#heldBytes -= leased;
        leased = 0;
      },
    };
  }
}
