/** A Debian package -> its files. Format: deb(5), an ar archive of control.tar.xz and data.tar.xz. */
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { extract } from "tar-stream";
import xz from "xz-decompress";

export interface ArchivedFile {
  /** Without a leading "./". */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly bytes: Uint8Array;
  /** Target of a symlink. */
  readonly target: string;
}

export interface DebianPackage {
  /** The control file: name, version, dependencies, in RFC 822 form. */
  readonly control: string;
  readonly files: readonly ArchivedFile[];
}

const arMagic = "!<arch>\n";
const arHeaderBytes = 60;

/** @throws Error where the bytes are no package; call it on bytes whose hash was checked */
export async function readDebianPackage(bytes: Uint8Array): Promise<DebianPackage> {
  const members = arMembers(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const controlFiles = await untarXz(member(members, "control.tar.xz"));
  const control = controlFiles.find(({ path }) => path === "control");
  if (!control) throw new Error("the package has no control file");
  return { control: Buffer.from(control.bytes).toString("utf8"), files: await untarXz(member(members, "data.tar.xz")) };
}

function member(members: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const found = members.get(name);
  if (!found) throw new Error(`the package has no ${name}; it has ${[...members.keys()].join(", ")}`);
  return found;
}

/** Header of a member: name in 16 bytes, length as decimal text at 48; members start at even offsets. */
function arMembers(bytes: Buffer): Map<string, Buffer> {
  if (bytes.toString("latin1", 0, arMagic.length) !== arMagic) throw new Error("it is no ar archive");
  const members = new Map<string, Buffer>();
  for (let at = arMagic.length; at + arHeaderBytes <= bytes.length; ) {
    const name = bytes
      .toString("latin1", at, at + 16)
      .trim()
      .replace(/\/$/, "");
    const length = Number(bytes.toString("latin1", at + 48, at + 58));
    const start = at + arHeaderBytes;
    members.set(name, bytes.subarray(start, start + length));
    at = start + length + (length % 2);
  }
  return members;
}

async function untarXz(compressed: Buffer): Promise<ArchivedFile[]> {
  const web = new xz.XzReadableStream(new Blob([new Uint8Array(compressed)]).stream());
  const archive = extract();
  const source = Readable.fromWeb(web as NodeReadableStream);
  source.on("error", (error) => archive.destroy(error));
  source.pipe(archive);
  const files: ArchivedFile[] = [];
  for await (const entry of archive) {
    const { name, type, mode, linkname } = entry.header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (type !== "file" && type !== "directory" && type !== "symlink") throw new Error(`${name} is a ${type}`);
    const path = name.replace(/^\.?\//, "").replace(/\/$/, "");
    files.push({ path, type, mode: mode ?? 0, bytes: Buffer.concat(chunks), target: linkname ?? "" });
  }
  return files;
}
