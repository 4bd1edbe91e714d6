import { compileWasm } from '../../../core/base/runtime/wasm.js';

const compiled = new Map<string, WebAssembly.Module>();

/** A new instance of a kernel of src/source/containers/kernel, on a memory. `Program`: its exports. */
export function newKernel<Program>(name: string, memory: WebAssembly.Memory): Program {
  const path = `src/source/containers/kernel/${name}.wasm`;
  const module = compiled.get(name) ?? compileWasm(path);
  compiled.set(name, module);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Program;
}

/** How decoding a block ended. */
export type BlockOutcome = 'done' | 'corrupt' | 'cut';

/** Outcomes by the numbers that kernels return. */
export const OUTCOMES: readonly BlockOutcome[] = ['done', 'corrupt', 'cut'];
