/** Which packages of package-lock.json a program needs: the named ones and what they depend on. Pure. */

interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** package-lock.json, version 3: packages by their place, "" is the project itself. */
export interface PackageLock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly [key: string]: unknown;
}

/** Dependencies that a package declares but only its install script uses, which fulcrum never runs (.npmrc). */
const installOnly: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["adm-zip", "global-agent"],
};

/** A project that has only what `names` need, with the same versions and hashes. */
export interface ReducedProject {
  readonly manifest: { readonly name: string; readonly version: string; readonly dependencies: Record<string, string> };
  readonly lock: PackageLock;
}

/**
 * @param names packages that the program imports
 * @throws Error where a name is no dependency of the project: the program could not have run
 */
export function reduceLock(lock: PackageLock, names: readonly string[]): ReducedProject {
  const declared = lock.packages[""]?.dependencies ?? {};
  const dependencies: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const version = declared[name];
    if (version === undefined) throw new Error(`${name} is imported but is not among the dependencies of package.json`);
    dependencies[name] = version;
  }
  const places = reachable(lock, Object.keys(dependencies));
  const manifest = { name: "fulcrum-image", version: "0.0.0", dependencies };
  const packages = Object.fromEntries(places.map((place) => [place, withoutInstallOnly(place, lock.packages[place]!)]));
  return {
    manifest,
    lock: { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest, ...packages } },
  };
}

/** Places of the packages reached from the project's root, in order. Optional ones that the lock lacks are left out. */
function reachable(lock: PackageLock, names: readonly string[]): string[] {
  const found = new Set<string>();
  const queue: { name: string; from: string; isOptional: boolean }[] = names.map((name) => ({
    name,
    from: "",
    isOptional: false,
  }));
  for (let next = queue.pop(); next; next = queue.pop()) {
    const place = resolvePlace(lock, next.name, next.from);
    if (place === undefined) {
      if (next.isOptional) continue;
      throw new Error(`package-lock.json has no ${next.name} for ${next.from || "the project"}`);
    }
    if (found.has(place)) continue;
    found.add(place);
    const { dependencies, optionalDependencies } = withoutInstallOnly(place, lock.packages[place]!);
    const add = (isOptional: boolean) => (name: string) => queue.push({ name, from: place, isOptional });
    Object.keys(dependencies ?? {}).forEach(add(false));
    Object.keys(optionalDependencies ?? {}).forEach(add(true));
  }
  return [...found].sort();
}

/** Node's search: in the package's own node_modules, then in each one above it. */
function resolvePlace(lock: PackageLock, name: string, from: string): string | undefined {
  const folders = from === "" ? [] : from.split(/\/(?=node_modules\/)/);
  for (let depth = folders.length; depth >= 0; depth--) {
    const place = [...folders.slice(0, depth), `node_modules/${name}`].join("/");
    if (lock.packages[place]) return place;
  }
  return undefined;
}

function withoutInstallOnly(place: string, locked: LockedPackage): LockedPackage {
  const left = installOnly[place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)];
  if (!left) return locked;
  const kept = Object.entries(locked.dependencies ?? {}).filter(([name]) => !left.includes(name));
  return { ...locked, dependencies: Object.fromEntries(kept) };
}
