/** Memory for one picture after the other, for who is done with each before the next: no garbage, no fresh pages. */

/** Larger pictures get memory of their own: what is kept should fit the usual ones. */
const keptBytes = 8 * 1024 * 1024;

export class Scratch {
  #kept = new Uint8Array(0);

  /** `bytes` bytes of any content. They are overwritten after the next call. */
  take(bytes: number): Uint8Array {
    if (bytes > keptBytes) return new Uint8Array(bytes);
    if (this.#kept.byteLength < bytes) this.#kept = new Uint8Array(bytes);
    return this.#kept.subarray(0, bytes);
  }
}
