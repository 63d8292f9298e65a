/**
 * Runs a program of an image's files the way a container runtime does: chroot into them, read-only, without root's rights, with
 * a process tree and mounts of its own. Needs root on Linux and unshare of util-linux.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Why it cannot be done here; false where it can. */
export function whyNoRoot(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const probe = spawnSync("unshare", ["--mount", "--pid", "--fork", "true"], { stdio: "ignore" });
  return probe.status === 0 ? false : "unshare cannot make a mount and process namespace here";
}

/** Everything that is mounted ends with the process. */
const script = `
set -e
mount --bind "$1" "$1"
mount -t tmpfs -o mode=755,nosuid tmpfs "$1/dev"
for name in null zero random urandom; do touch "$1/dev/$name"; mount --bind "/dev/$name" "$1/dev/$name"; done
mount -t proc proc "$1/proc"
mount -o remount,ro,bind "$1"
root=$1; user=$2; shift 2
exec chroot --userspec="$user" "$root" "$@"
`;

/**
 * @param root folder of the files; gets the folders dev and proc, as a runtime makes them
 * @param user "65532:65532"
 * @param env the whole environment, "NAME=value"
 */
export function runInRoot(
  root: string,
  user: string,
  env: readonly string[],
  command: readonly string[],
): ChildProcess {
  const run = [
    "/usr/bin/env",
    "-i",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    ...env.filter((text) => !text.startsWith("PATH=")),
  ];
  const isolated = [
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "sh",
    "-c",
    script,
    "sh",
    root,
    user,
    ...command,
  ];
  const [file, ...args] = [...run, ...isolated] as [string, ...string[]];
  return spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** To the program itself, the first process of its own process tree; unshare ends with its exit code. */
export function signalInRoot({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  for (const child of children.split(" ").filter((text) => text !== "")) process.kill(Number(child), signal);
}
