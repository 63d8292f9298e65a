/** WebAssembly modules that `node tools/wasm.ts` makes from AssemblyScript; they are held as base64. */

export interface WasmMemory {
  /** Another object after it has grown. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the WebAssembly JavaScript interface; TypeScript has its types only for browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const pageBytes = 65_536;

/** A module, compiled when it is first asked for. `Exports` are the functions of its source. */
export class WasmModule<Exports extends { readonly memory: WasmMemory }> {
  readonly #base64: string;
  #compiled: object | undefined;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** A new instance with a memory of its own, of at least `bytes` bytes. */
  instance(bytes: number): Exports {
    this.#compiled ??= new WebAssembly.Module(Buffer.from(this.#base64, "base64"));
    const exports = new WebAssembly.Instance(this.#compiled).exports as Exports;
    growMemory(exports.memory, bytes);
    return exports;
  }
}

/** Makes a memory that large. It never shrinks. */
export function growMemory(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
}
