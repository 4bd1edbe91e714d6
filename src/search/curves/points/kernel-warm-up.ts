import { WEI25519 } from '../../../asn1/domain.js';
import type { Kernel } from '../../core/kernel.js';
import type { CurveNumbers } from '../numbers/curve-numbers.js';
import { KernelCurve } from './kernel-curve.js';

/** Numbers of 32 octets from which the kernel multiplies them (curve25519.ts). */
const MIN_NUMBERS = 192;

/**
 * Builds the comb tables and warms up the code of secp256k1 and Curve25519, on which nearly every dump has
 * numbers to multiply. Done while the sweep is still running and this thread would wait.
 */
export class KernelWarmUp {
  readonly #kernel: Kernel;
  readonly #curves: readonly KernelCurve[];
  #done = false;

  constructor(kernel: Kernel, curves: readonly KernelCurve[]) {
    this.#kernel = kernel;
    this.#curves = curves;
  }

  /** Runs once there are enough numbers to multiply in the kernel. */
  runOnce({ bySize }: CurveNumbers): void {
    if (this.#done || bySize.get(32)!.length < MIN_NUMBERS) return;
    this.#done = true;
    this.#curves.find(({ domain }) => domain.name === 'secp256k1')?.warmUp();
    this.#kernel.scratch(() => new KernelCurve(this.#kernel, WEI25519).warmUp());
  }
}
