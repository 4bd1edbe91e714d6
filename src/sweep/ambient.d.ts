// What this room uses of two modules without types. The `dom` library, which declares WebAssembly, stays out.

declare namespace WebAssembly {
  function validate(code: Uint8Array): boolean;
  class Module {
    constructor(code: Uint8Array);
  }
  class Memory {
    constructor(pages: { initial: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
}
