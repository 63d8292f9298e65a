/**
 * The layer of the system: shared libraries out of Debian packages, the dynamic linker, who the user is. No shell, no
 * package manager; the packages' control files are there, where vulnerability scanners look for them.
 */
import { nonRootId } from "../service-container.ts";
import { type ArchivedFile, type DebianPackage, readDebianPackage } from "./debian/deb.ts";
import { fetchPackage, type PackageSource } from "./debian/fetch-packages.ts";
import { debianLock } from "./debian/lock.ts";
import { type LayerEntry, plainMode, programMode, textFile } from "./layer-entry.ts";
import type { Architecture } from "./platform.ts";

/** @throws IMAGE_PACKAGE_UNAVAILABLE */
export async function systemEntries(architecture: Architecture, source: PackageSource): Promise<LayerEntry[]> {
  const packages = await Promise.all(
    debianLock[architecture].map(async (pin) => ({
      name: pin.name,
      content: await readDebianPackage(await fetchPackage(pin, source)),
    })),
  );
  return [...frame(architecture), ...packages.flatMap(({ name, content }) => packageEntries(name, content))];
}

/** Debian's merged /usr, and the little that programs ask of a system. */
function frame(architecture: Architecture): LayerEntry[] {
  const links = architecture === "amd64" ? ["lib", "lib64"] : ["lib"];
  return [
    ...links.map((path): LayerEntry => ({ kind: "link", path, target: `usr/${path}` })),
    textFile("etc/passwd", `root:x:0:0:root:/:/none\nfulcrum:x:${nonRootId}:${nonRootId}::/:/none\n`),
    textFile("etc/group", `root:x:0:\nfulcrum:x:${nonRootId}:\n`),
    textFile("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    { kind: "directory", path: "tmp", mode: 0o1777 },
  ];
}

function packageEntries(name: string, { control, files }: DebianPackage): LayerEntry[] {
  return [textFile(`var/lib/dpkg/status.d/${name}`, control), ...files.filter(isWanted).map(entryOf)];
}

/** Shared libraries directly in the library folders (no locales, character sets, auditing), licences, the system's name. */
function isWanted({ path, type }: ArchivedFile): boolean {
  if (type === "directory") return false;
  return (
    /^usr\/lib(64)?\/(\w+-linux-gnu\/)?[^/]+\.so(\.[\d.]+)?$/.test(path) ||
    /^usr\/share\/doc\/[^/]+\/copyright$/.test(path) ||
    ["usr/lib/os-release", "etc/os-release", "etc/debian_version"].includes(path)
  );
}

function entryOf({ path, type, mode, bytes, target }: ArchivedFile): LayerEntry {
  if (type === "symlink") return { kind: "link", path, target };
  return { kind: "file", path, mode: mode & 0o111 ? programMode : plainMode, content: { bytes } };
}
