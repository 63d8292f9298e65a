/** How often a JPEG file goes over its picture, from its markers (ITU-T T.81, annex B). Pure. */

/**
 * Each scan of a file goes over the whole picture; a small file with thousands of them would take minutes. Encoders
 * write about ten.
 */
export const mostScans = 100;

const marker = { start: 0xd8, end: 0xd9, scan: 0xda, firstRestart: 0xd0 } as const;

/** Scans up to the end of the picture; what follows it (a film of a phone, say) does not count. */
export function scansOf(jpeg: Uint8Array): number {
  let scans = 0;
  for (let at = jpeg.indexOf(0xff); at >= 0 && at + 3 < jpeg.length; at = jpeg.indexOf(0xff, at)) {
    const code = jpeg[at + 1]!;
    if (code === marker.end) break;
    // A filling byte, a byte 255 of the data, or a marker without a segment.
    const isAlone = code === 0xff || code === 0 || code === 1 || (code >= marker.firstRestart && code <= marker.start);
    if (code === marker.scan) scans++;
    at += code === 0xff ? 1 : isAlone ? 2 : 2 + jpeg[at + 2]! * 256 + jpeg[at + 3]!;
  }
  return scans;
}
