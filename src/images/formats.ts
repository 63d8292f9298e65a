/** Names a picture's format by its first bytes, whatever its file is called. Pure. */

/** What decodePhoto takes. */
export const photoFormats = ["JPEG", "PNG", "WebP"] as const;
export type PhotoFormat = (typeof photoFormats)[number];

interface Signature {
  readonly format: string;
  /** Bytes before it. */
  readonly at: number;
  /** A character a byte. */
  readonly text: string;
}

/** The formats that are taken, and those that people try; more specific signatures first. */
const signatures: readonly Signature[] = [
  { format: "JPEG", at: 0, text: "\xff\xd8\xff" },
  { format: "PNG", at: 0, text: "\x89PNG\r\n\x1a\n" },
  { format: "WebP", at: 8, text: "WEBP" },
  { format: "GIF", at: 0, text: "GIF8" },
  { format: "AVIF", at: 4, text: "ftypavi" },
  { format: "HEIC", at: 4, text: "ftyp" },
  { format: "TIFF", at: 0, text: "II*\0" },
  { format: "TIFF", at: 0, text: "MM\0*" },
  { format: "BMP", at: 0, text: "BM" },
  { format: "JPEG XL", at: 4, text: "JXL " },
  { format: "PDF", at: 0, text: "%PDF" },
  { format: "SVG", at: 0, text: "<svg" },
  { format: "XML", at: 0, text: "<?xml" },
  { format: "HTML", at: 0, text: "<!DOCTYPE" },
];

const longestHead = 16;

/** The format's name; null where the bytes begin like none of those that are known here. */
export function formatOf(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, longestHead)).toString("latin1");
  return signatures.find(({ at, text }) => head.startsWith(text, at))?.format ?? null;
}

/** True for a format that decodePhoto takes. */
export function isPhotoFormat(format: string | null): format is PhotoFormat {
  return photoFormats.some((known) => known === format);
}
