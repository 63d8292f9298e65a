/** Decoded pictures. */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGB, rows from the top, three bytes a pixel. */
  readonly data: Uint8Array;
}
