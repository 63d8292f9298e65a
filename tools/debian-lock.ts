/**
 * Pins the Debian packages of the container image: writes src/deploy/image/debian/packages.json with the newest
 * versions that the release and its security archive serve.
 * Run on a Debian machine, as any user: node tools/debian-lock.ts
 * apt does the asking, with a state folder of its own, so the archive's signatures are checked and nothing of the
 * machine is changed.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeJsonAtomic } from "../src/base/files.ts";
import { projectDir } from "../src/config/paths.ts";
import type { DebianLock, PinnedPackage } from "../src/deploy/image/debian/lock.ts";

const run = promisify(execFile);
const suite = "trixie";
const architectures = ["amd64", "arm64"] as const;
/** What Node, ONNX Runtime and the photo libraries are linked to, and what names the system. */
const packages = ["base-files", "gcc-14-base", "libatomic1", "libc6", "libgcc-s1", "libstdc++6"];

const keyring = "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg";
const sources = [
  `deb [${keyring}] https://deb.debian.org/debian ${suite} main`,
  `deb [${keyring}] https://deb.debian.org/debian ${suite}-updates main`,
  `deb [${keyring}] https://deb.debian.org/debian-security ${suite}-security main`,
];

/** `'https://HOST/ARCHIVE/PATH' FILE SIZE SHA256:HEX`, as `apt-get download --print-uris` prints it. */
function parsePin(line: string): PinnedPackage {
  const match = /^'https:\/\/[^/]+\/([^/]+)\/([^']+)' (\S+?)_(\S+)_\S+\.deb (\d+) SHA256:([0-9a-f]{64})$/.exec(line);
  if (!match) throw new Error(`apt printed a line that is no package: ${line}`);
  const [, archive, path, name, version, sizeBytes, sha256] = match as unknown as string[];
  return {
    name: name!,
    version: decodeURIComponent(version!),
    archive: archive!,
    path: decodeURIComponent(path!),
    sizeBytes: Number(sizeBytes),
    sha256: sha256!,
  };
}

const state = await mkdtemp(join(tmpdir(), "debian-lock-"));
try {
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  await writeFile(join(state, "sources.list"), `${sources.join("\n")}\n`);
  const settings = [
    `Dir::State=${state}`,
    `Dir::State::lists=${state}/lists`,
    `Dir::State::status=${state}/status`,
    `Dir::Cache=${state}`,
    `Dir::Etc::sourcelist=${state}/sources.list`,
    "Dir::Etc::sourceparts=-",
    "APT::Architecture=amd64",
    ...architectures.map((name) => `APT::Architectures::=${name}`),
    "Acquire::Languages=none",
  ].flatMap((setting) => ["-o", setting]);
  await run("apt-get", [...settings, "update"]);
  const pins = async (architecture: string) => {
    const wanted = packages.map((name) => `${name}:${architecture}`);
    const { stdout } = await run("apt-get", [...settings, "download", "--print-uris", ...wanted]);
    return stdout
      .trim()
      .split("\n")
      .map(parsePin)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const snapshot = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const lock: DebianLock = { suite, snapshot, amd64: await pins("amd64"), arm64: await pins("arm64") };
  await writeJsonAtomic(join(projectDir, "src/deploy/image/debian/packages.json"), lock);
} finally {
  await rm(state, { recursive: true, force: true });
}
