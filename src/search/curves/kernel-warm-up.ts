import { WEI25519 } from '../../asn1/domain.js';
import type { Kernel } from '../core/kernel.js';
import type { CurveNumbers } from './curve-numbers.js';
import { KernelCurve } from './kernel-curve.js';

/** Numbers of 32 octets that are enough to be multiplied in the kernel (curve25519.ts). */
const MIN_NUMBERS = 192;

/**
 * Tables and code of the two curves on which nearly every dump has numbers multiplied, once there are enough of these: while the sweep goes on, and this
 * thread waits for it.
 */
export class KernelWarmUp {
  readonly #kernel: Kernel;
  readonly #curves: readonly KernelCurve[];
  #done = false;

  constructor(kernel: Kernel, curves: readonly KernelCurve[]) {
    this.#kernel = kernel;
    this.#curves = curves;
  }

  runOnce({ bySize }: CurveNumbers): void {
    if (this.#done || bySize.get(32)!.length < MIN_NUMBERS) return;
    this.#done = true;
    this.#curves.find(({ domain }) => domain.name === 'secp256k1')?.warmUp();
    this.#kernel.scratch(() => new KernelCurve(this.#kernel, WEI25519).warmUp());
  }
}
