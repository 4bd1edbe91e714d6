import { readFileSync } from 'node:fs';
import { asset } from './assets.js';
import { DumpsieveError } from './errors.js';

/** The code of a kernel in the package; `file`: its path from the root. */
export const wasmCode = (file: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(asset(file)));

/** True if this process can compile the code. */
export const isRunnable = (code: Uint8Array<ArrayBuffer>): boolean =>
  typeof WebAssembly === 'object' && WebAssembly.validate(code);

/** A process that cannot run the kernels: there is no slower way. */
export const noWasmSimd = (): DumpsieveError =>
  new DumpsieveError({
    code: 'no-wasm-simd',
    message:
      'this processor, or Node.js as it was started, has no WebAssembly with SIMD: nothing was scanned',
    hint: 'use a 64-bit x86 processor with SSE4.1 or a 64-bit Arm processor, and no --jitless for node',
  });

/** Compiles a kernel of the package. Throws a {@link DumpsieveError} `no-wasm-simd` if it cannot run here. */
export function compileWasm(file: string): WebAssembly.Module {
  const code = wasmCode(file);
  try {
    return new WebAssembly.Module(code);
  } catch (error) {
    throw isRunnable(code) ? error : noWasmSimd();
  }
}
