import { readAsset } from './assets.js';
import { DumpsieveError } from './errors.js';
import { brokenInstallation } from './installation.js';

/** The code of a kernel in the package; `file`: its path from the root. */
export const wasmCode = (file: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readAsset(file));

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

/** A module of one instruction with SIMD. */
const SIMD = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
]);

/**
 * Compiles a kernel of the package. Throws a {@link DumpsieveError}: `no-wasm-simd` if none can run here,
 * `installation-broken` if this one is damaged.
 */
export function compileWasm(file: string): WebAssembly.Module {
  const code = wasmCode(file);
  try {
    return new WebAssembly.Module(code);
  } catch (error) {
    if (isRunnable(code)) throw error;
    throw isRunnable(SIMD) ? brokenInstallation(file, error) : noWasmSimd();
  }
}
