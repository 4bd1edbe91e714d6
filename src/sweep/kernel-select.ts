import { setFlagsFromString } from 'node:v8';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import { type Pausing, Turns } from '../core/base/runtime/turns.js';
import { isRunnable, noWasmSimd, wasmCode } from '../core/base/runtime/wasm.js';
import type { SweepKernel } from './kernel.js';
import type { HitBatch, Net } from './types.js';
import { kernelFile, WasmKernel } from './wasm.js';

/** The values of `DUMPSIEVE_KERNEL`, fastest first. */
export const KERNELS = ['relaxed', 'simd'] as const;
export type KernelName = (typeof KERNELS)[number];

/** Node 20 has relaxed SIMD behind a V8 flag, which must be set before the first compile. */
function relaxedSimd(): boolean {
  const code = wasmCode(kernelFile('literals-relaxed'));
  if (isRunnable(code)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return isRunnable(code);
}

const available: Record<KernelName, () => boolean> = {
  relaxed: relaxedSimd,
  simd: () => isRunnable(wasmCode(kernelFile('literals-simd'))),
};

let chosen: KernelName | undefined;

/** The kernel of this process: the one that DUMPSIEVE_KERNEL names, or the fastest that this machine runs. */
export function kernelName(): KernelName {
  chosen ??= choose(process.env.DUMPSIEVE_KERNEL);
  return chosen;
}

function choose(requested: string | undefined): KernelName {
  if (requested === undefined || requested === '') {
    const fastest = KERNELS.find((name) => available[name]());
    if (fastest === undefined) throw noWasmSimd();
    return fastest;
  }
  const name = KERNELS.find((one) => one === requested);
  if (name === undefined || !available[name]()) {
    throw new DumpsieveError({
      code: 'no-such-kernel',
      message:
        name === undefined
          ? 'DUMPSIEVE_KERNEL names no kernel'
          : `the kernel "${name}" does not run on this machine`,
      hint: `unset DUMPSIEVE_KERNEL, or set it to one of ${KERNELS.join(', ')}`,
    });
  }
  return name;
}

/** A new kernel without a net. */
export function openKernel(name: KernelName, kind: Net['kind'], runs = false): SweepKernel {
  available[name]();
  return kind === 'needles'
    ? new WasmKernel(kind, 'needles')
    : new WasmKernel(kind, `${runs ? 'fused' : 'literals'}-${name}`, runs);
}

const kernels = new Map<string, SweepKernel>();
wipeAfterRuns(() => {
  for (const kernel of kernels.values()) kernel.wipe();
});

/** This thread's kernel, with `net` loaded: a fused one to find runs or values. */
export function kernelFor(name: KernelName, net: Net, runs = false): SweepKernel {
  finishPausedSweep();
  const fused = runs || net.values !== undefined;
  const key = `${name} ${net.kind} ${fused}`;
  const kernel = kernels.get(key) ?? openKernel(name, net.kind, fused);
  kernels.set(key, kernel);
  kernel.load(net);
  return kernel;
}

/** Frees this thread's kernels, about 10 MB. The next task opens one again, in about 10 ms. */
export function forgetKernels(): void {
  finishPausedSweep();
  kernels.clear();
}

/** The sweep of a task on this thread, in slices. */
class PausedSweep {
  readonly #steps: Pausing<never, HitBatch>;
  #ended: { batch: HitBatch } | { error: unknown } | undefined;

  constructor(steps: Pausing<never, HitBatch>) {
    this.#steps = steps;
  }

  /** True at the end. */
  step(): boolean {
    if (this.#ended !== undefined) return true;
    try {
      const { done, value } = this.#steps.next();
      if (done) this.#ended = { batch: value as HitBatch };
    } catch (error) {
      this.#ended = { error };
    }
    return this.#ended !== undefined;
  }

  get batch(): HitBatch {
    const ended = this.#ended!;
    if ('error' in ended) throw ended.error;
    return ended.batch;
  }
}

/** Kernels, their windows and the lists of hits are its own. */
let paused: PausedSweep | undefined;

/** To be called before a kernel is used: ends a sweep that has paused. */
function finishPausedSweep(): void {
  const sweep = paused;
  paused = undefined;
  while (sweep?.step() === false);
}

/** The batch of a task. Timers and signals run meanwhile, and other sweeps of this thread may. */
export async function sweepInTurns(steps: Pausing<never, HitBatch>): Promise<HitBatch> {
  const sweep = new PausedSweep(steps);
  const turns = new Turns();
  while (!sweep.step())
    if (turns.isDue) {
      paused = sweep;
      await turns.take();
    }
  if (paused === sweep) paused = undefined;
  return sweep.batch;
}
