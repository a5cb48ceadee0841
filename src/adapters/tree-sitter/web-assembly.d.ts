/** The part of the global WebAssembly that this adapter uses. TypeScript declares it in its DOM library only, which a Node program does without. */
declare namespace WebAssembly {
  type Exports = Record<string, unknown>;
  type Imports = Record<string, Record<string, unknown>>;
  class Module {
    constructor(bytes: Uint8Array);
    // Structural typing would take any object for a module.
    readonly #module: unknown;
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
  }
  class Table {
    private constructor();
    grow(by: number): number;
    set(index: number, value: unknown): void;
  }
  class RuntimeError extends Error {}
}
